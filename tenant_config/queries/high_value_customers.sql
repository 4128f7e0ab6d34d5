SELECT
  c.amperity_id,
  c.email,
  c.given_name,
  c.surname,
  c.lifetime_order_frequency,
  c.lifetime_order_revenue,
  RANK() OVER (ORDER BY c.lifetime_order_revenue DESC) AS revenue_rank
FROM customer_360 AS c
JOIN customer_attributes AS a ON a.amperity_id = c.amperity_id
WHERE a.historical_purchaser_lifecycle_status IN ('New', 'Active')
  AND a.contactable_email
  AND c.lifetime_order_revenue >= 1000
