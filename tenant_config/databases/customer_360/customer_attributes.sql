-- Flags that need to know the business (who is staff, who buys to sell, what is a test) are the lines to adapt.
WITH address_households AS (
  -- everybody at one address, whatever their name
  SELECT
    m.amperity_id,
    SHA2(CONCAT_WS('|', UPPER(TRIM(m.address)), UPPER(TRIM(m.city)), UPPER(m.state), LEFT(m.postal, 5)), 256)
      AS address_household_id
  FROM merged_customers AS m
  WHERE m.address_completion = 4 AND NOT COALESCE(m.address_blv, FALSE)
),
people AS (
  SELECT
    c.amperity_id,
    c.email,
    c.phone,
    c.birthdate,
    c.has_blocklisted_value,
    c.is_email_opted_in,
    c.first_order_datetime,
    c.latest_order_datetime,
    c.lifetime_order_revenue,
    c.lifetime_order_frequency,
    c.lifetime_order_frequency > 0 AS is_purchaser,
    m.company,
    c.address IS NOT NULL AND c.city IS NOT NULL AND c.state IS NOT NULL AND c.postal IS NOT NULL AS has_address,
    COALESCE(m.given_name, '') || ' ' || COALESCE(m.surname, '') AS name,
    COALESCE(
      m.given_name, m.surname, m.full_name, c.email, c.phone, m.address, m.city, m.postal, CAST(m.birthdate AS STRING)
    ) IS NOT NULL AS is_known,
    -- who lives with nobody of their name is a household of their own
    COALESCE(h.household_id, c.amperity_id) AS household,
    t.l12m_total_items,
    a.address_household_id,
    CASE
      WHEN c.first_order_datetime IS NULL THEN 'Prospect'
      WHEN DATEDIFF(:business_date, c.first_order_datetime) <= 30 THEN 'New'
      WHEN DATEDIFF(:business_date, c.latest_order_datetime) <= 365 THEN 'Active'
      WHEN DATEDIFF(:business_date, c.latest_order_datetime) <= 730 THEN 'Lapsed'
      ELSE 'Dormant'
    END AS status
  FROM customer_360 AS c
  JOIN merged_customers AS m ON m.amperity_id = c.amperity_id
  LEFT JOIN merged_households AS h ON h.amperity_id = c.amperity_id
  LEFT JOIN transaction_attributes_extended AS t ON t.amperity_id = c.amperity_id
  LEFT JOIN address_households AS a ON a.amperity_id = c.amperity_id
),
usual AS (
  SELECT AVG(CAST(lifetime_order_revenue AS DOUBLE)) AS mean, STDDEV_POP(CAST(lifetime_order_revenue AS DOUBLE)) AS spread
  FROM people
  WHERE is_purchaser
)
SELECT
  p.amperity_id,
  CASE WHEN p.status IN ('Lapsed', 'Dormant') THEN p.status END AS churn_trigger,
  CASE
    WHEN p.status = 'Lapsed' THEN CAST(DATE_ADD(p.latest_order_datetime, 366) AS TIMESTAMP)
    WHEN p.status = 'Dormant' THEN CAST(DATE_ADD(p.latest_order_datetime, 731) AS TIMESTAMP)
  END AS churn_trigger_start_datetime,
  p.has_address AS contactable_address,
  p.email IS NOT NULL AND COALESCE(p.is_email_opted_in, FALSE) AND NOT p.has_blocklisted_value AS contactable_email,
  p.is_known AS contactable_global,
  p.email IS NOT NULL OR p.phone IS NOT NULL AS contactable_paid_social,
  p.phone IS NOT NULL AS contactable_phone,
  p.status AS historical_purchaser_lifecycle_status,
  p.company IS NOT NULL AS is_business,
  COALESCE(LOWER(p.email) LIKE '%@acme.example', FALSE) AS is_employee,
  CAST(NULL AS BOOLEAN) AS is_gift_giver,
  NOT p.is_known AS is_no_pii_amperity_id,
  COALESCE(p.is_email_opted_in, FALSE) AS is_opted_into_email,
  FALSE AS is_opted_into_sms,
  p.is_purchaser AND COALESCE(p.lifetime_order_revenue > u.mean + 4 * u.spread, FALSE) AS is_outlier,
  p.is_purchaser AND ROW_NUMBER() OVER (
    PARTITION BY p.household
    ORDER BY p.lifetime_order_revenue DESC, p.amperity_id
  ) = 1 AS is_primary_buyer_household,
  NOT p.is_purchaser AS is_prospect,
  p.is_purchaser,
  COALESCE(p.l12m_total_items >= 200, FALSE) AS is_reseller,
  COALESCE(LOWER(p.email) LIKE 'test@%', FALSE) OR LOWER(p.name) IN ('test test', 'test account') AS is_test_account,
  DATEDIFF(:business_date, p.latest_order_datetime) AS days_since_latest_order,
  CAST(FLOOR(MONTHS_BETWEEN(:business_date, p.birthdate) / 12) AS INT) AS age,
  p.lifetime_order_revenue / NULLIF(p.lifetime_order_frequency, 0) AS average_order_value,
  p.address_household_id,
  COUNT(p.address_household_id) OVER (PARTITION BY p.address_household_id) AS people_at_address
FROM people AS p
CROSS JOIN usual AS u
