SELECT
  c.amperity_id,
  c.given_name,
  c.surname,
  c.email,
  c.phone,
  c.address,
  c.city,
  c.state,
  c.postal,
  c.birthdate,
  c.gender,
  o.is_email_opted_in,
  t.first_order_datetime,
  t.latest_order_datetime,
  COALESCE(t.lifetime_order_frequency, 0) AS lifetime_order_frequency,
  COALESCE(t.lifetime_order_revenue, 0) AS lifetime_order_revenue,
  t.lifetime_preferred_purchase_channel,
  COALESCE(c.email_blv, FALSE) OR COALESCE(c.phone_blv, FALSE) AS has_blocklisted_value
FROM merged_customers AS c
LEFT JOIN transaction_attributes_extended AS t ON t.amperity_id = c.amperity_id
-- A partner's file names people by their e-mail address alone.
LEFT JOIN custom.email_opt_ins AS o ON o.email = LOWER(TRIM(c.email))
