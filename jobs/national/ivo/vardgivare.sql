-- A sole trader's number is a personal number: its third digit is 0 or 1. The name then goes where personal data goes.
SELECT
    orgnr,
    CASE WHEN NOT enskild THEN namn END AS namn,
    CASE WHEN enskild THEN namn END AS namn_enskild,
    true AS vardgivare,
    enskild,
    giltig_fran,
    giltig_till
FROM (
    SELECT
        "Organisationsnummer" AS orgnr,
        "Vårdgivare" AS namn,
        substr(replace("Organisationsnummer", '-', ''), 3, 1) IN ('0', '1') AS enskild,
        datum("Anmäld") AS giltig_fran,
        datum("Upphörd") + INTERVAL '1 day' AS giltig_till
    FROM source
)
