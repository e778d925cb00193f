-- Legal form 10 is a natural person: the name goes where personal data goes, the number becomes a
-- keyed hash by itself.
SELECT
    orgnr,
    CASE WHEN juridisk_form <> '10' THEN namn END AS namn,
    CASE WHEN juridisk_form = '10' THEN namn END AS namn_enskild,
    ja_nej(vardgivare) AS vardgivare,
    ja_nej(bestallare) AS bestallare,
    juridisk_form,
    agarkategori,
    juridisk_form = '10' AS enskild,
    lanskod(lanskod) AS lanskod,
    datum(registrerad) AS giltig_fran
FROM source
