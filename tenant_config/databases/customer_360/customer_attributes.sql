SELECT
  c.amperity_id,
  c.email IS NOT NULL AND COALESCE(c.is_email_opted_in, FALSE) AS contactable_email,
  c.phone IS NOT NULL AS contactable_phone,
  c.address IS NOT NULL AND c.city IS NOT NULL AND c.state IS NOT NULL AND c.postal IS NOT NULL AS contactable_address,
  c.email IS NOT NULL OR c.phone IS NOT NULL AS contactable_paid_social,
  c.lifetime_order_frequency > 0 AS is_purchaser,
  c.lifetime_order_frequency = 0 AS is_prospect,
  CASE
    WHEN c.first_order_datetime IS NULL THEN 'Prospect'
    WHEN DATEDIFF(:business_date, c.first_order_datetime) <= 30 THEN 'New'
    WHEN DATEDIFF(:business_date, c.latest_order_datetime) <= 365 THEN 'Active'
    WHEN DATEDIFF(:business_date, c.latest_order_datetime) <= 730 THEN 'Lapsed'
    ELSE 'Dormant'
  END AS historical_purchaser_lifecycle_status
FROM customer_360 AS c
