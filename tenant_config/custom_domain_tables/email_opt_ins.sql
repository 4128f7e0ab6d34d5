SELECT
  LOWER(TRIM(email)) AS email,
  MAX_BY(opt_in, STRUCT(updated_at, id)) AS is_email_opted_in
FROM domain.email_list_subscribers
WHERE email IS NOT NULL
GROUP BY LOWER(TRIM(email))
