-- The source has the national columns.
SELECT lanskod, tabell, vantade, registrerade, forandring_30_dagar, andel_kodade, godkanda, avvisade, undantagna, senast,
       lage
FROM source
