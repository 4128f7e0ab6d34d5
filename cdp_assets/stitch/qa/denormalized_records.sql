-- Records of one source that say the same about somebody: the source has a row per order, say, instead of per person.
SELECT
  datasource,
  given_name,
  surname,
  email,
  phone,
  address,
  postal,
  COUNT(*) AS records
FROM unified_coalesced
WHERE COALESCE(given_name, surname, email, phone, address) IS NOT NULL
GROUP BY datasource, given_name, surname, email, phone, address, postal
HAVING COUNT(*) > 1
ORDER BY records DESC, datasource, given_name, surname, email, phone, address, postal
