-- Flags that need to know the business (who is staff, what is a test) are the lines to adapt.
WITH bought AS (
  SELECT
    amperity_id,
    first_order_datetime,
    latest_order_datetime,
    lifetime_order_revenue,
    l12m_total_items,
    CASE
      WHEN DATEDIFF(:business_date, first_order_datetime) <= 30 THEN 'New'
      WHEN DATEDIFF(:business_date, latest_order_datetime) <= 365 THEN 'Active'
      WHEN DATEDIFF(:business_date, latest_order_datetime) <= 730 THEN 'Lapsed'
      ELSE 'Dormant'
    END AS status
  FROM transaction_attributes_extended
),
usual AS (
  SELECT AVG(CAST(lifetime_order_revenue AS DOUBLE)) AS mean, STDDEV_POP(CAST(lifetime_order_revenue AS DOUBLE)) AS spread
  FROM bought
),
-- whoever spends most of a household is its primary buyer; who lives alone is their own household
spenders AS (
  SELECT
    b.amperity_id,
    ROW_NUMBER() OVER (
      PARTITION BY COALESCE(h.household_id, b.amperity_id)
      ORDER BY b.lifetime_order_revenue DESC, b.amperity_id
    ) AS place
  FROM bought AS b
  LEFT JOIN merged_households AS h ON h.amperity_id = b.amperity_id
),
-- a mailbox is opted in when no list that knows it says otherwise
opted AS (
  SELECT amperity_id, LOWER(TRIM(email)) AS email, MIN(is_email_opted_in) AS is_email_opted_in
  FROM email_opt_status
  WHERE amperity_id IS NOT NULL
  GROUP BY amperity_id, LOWER(TRIM(email))
),
people AS (
  SELECT
    c.amperity_id,
    c.email,
    c.phone,
    c.company,
    c.address_completion,
    COALESCE(
      c.given_name, c.surname, c.full_name, c.email, c.phone, c.address, c.city, c.postal, CAST(c.birthdate AS STRING)
    ) IS NOT NULL AS is_known,
    COALESCE(o.is_email_opted_in, FALSE) AS is_opted_into_email,
    COALESCE(c.given_name, '') || ' ' || COALESCE(c.surname, '') AS name
  FROM merged_customers AS c
  LEFT JOIN opted AS o ON o.amperity_id = c.amperity_id AND o.email = LOWER(TRIM(c.email))
)
SELECT
  p.amperity_id,
  CASE WHEN b.status IN ('Lapsed', 'Dormant') THEN b.status END AS churn_trigger,
  CASE
    WHEN b.status = 'Lapsed' THEN CAST(DATE_ADD(b.latest_order_datetime, 366) AS TIMESTAMP)
    WHEN b.status = 'Dormant' THEN CAST(DATE_ADD(b.latest_order_datetime, 731) AS TIMESTAMP)
  END AS churn_trigger_start_datetime,
  p.address_completion = 4 AS contactable_address,
  p.email IS NOT NULL AND p.is_opted_into_email AS contactable_email,
  p.is_known AS contactable_global,
  p.email IS NOT NULL OR p.phone IS NOT NULL AS contactable_paid_social,
  p.phone IS NOT NULL AS contactable_phone,
  COALESCE(b.status, 'Prospect') AS historical_purchaser_lifecycle_status,
  p.company IS NOT NULL AS is_business,
  COALESCE(LOWER(p.email) LIKE '%@acme.example', FALSE) AS is_employee,
  CAST(NULL AS BOOLEAN) AS is_gift_giver,
  NOT p.is_known AS is_no_pii_amperity_id,
  p.is_opted_into_email,
  FALSE AS is_opted_into_sms,
  COALESCE(b.lifetime_order_revenue > u.mean + 4 * u.spread, FALSE) AS is_outlier,
  COALESCE(s.place = 1, FALSE) AS is_primary_buyer_household,
  b.amperity_id IS NULL AS is_prospect,
  b.amperity_id IS NOT NULL AS is_purchaser,
  COALESCE(b.l12m_total_items >= 200, FALSE) AS is_reseller,
  COALESCE(LOWER(p.email) LIKE 'test@%', FALSE) OR LOWER(p.name) IN ('test test', 'test account') AS is_test_account
FROM people AS p
LEFT JOIN bought AS b ON b.amperity_id = p.amperity_id
LEFT JOIN spenders AS s ON s.amperity_id = p.amperity_id
CROSS JOIN usual AS u
