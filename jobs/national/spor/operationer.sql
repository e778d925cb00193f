SELECT
    operation,
    to_char(anmald_vecka, '%Y-%m') AS manad,
    enhet,
    kva,
    CAST(date_trunc('week', anmald_vecka) AS DATE) AS anmald_vecka,
    CAST(date_trunc('week', start_vecka) AS DATE) AS start_vecka,
    CAST(start_vecka AS INT) - CAST(anmald_vecka AS INT) AS vantetid_dagar
FROM (
    SELECT
        pseudonym('spor', "OPERATION") AS operation,
        "ENHET" AS enhet,
        kva("KVA") AS kva,
        datum(substr("V310", 1, 10)) AS anmald_vecka,
        datum(substr("V565", 1, 10)) AS start_vecka
    FROM source
)
