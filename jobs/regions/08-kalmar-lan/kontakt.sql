-- Whom to reach about the contract: a function's telephone and address, never a person's.
SELECT
    'avtal' AS agare_typ,
    concat('08/', avtalsnummer) AS agare_id,
    'avtal' AS syfte,
    telefon(telefon) AS telefon,
    epost
FROM source
WHERE telefon IS NOT NULL
