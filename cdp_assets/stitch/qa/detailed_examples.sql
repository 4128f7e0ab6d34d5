-- Pairs to look at by hand: the commonest ways to agree in each category of score.
SELECT
  match_category,
  score,
  case_count,
  datasource_a,
  pk_a,
  datasource_b,
  pk_b,
  given_name_a,
  given_name_b,
  surname_a,
  surname_b,
  email_a,
  email_b,
  phone_a,
  phone_b,
  address_a,
  address_b,
  postal_a,
  postal_b,
  birthdate_a,
  birthdate_b
FROM detailed_examples
ORDER BY score DESC, datasource_a, pk_a, datasource_b, pk_b
