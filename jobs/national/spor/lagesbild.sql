-- What the query over the lake gives, as it stands. The county is the unit's own, in `enhet`.
SELECT
    enhet,
    atgardsgrupp,
    vecka,
    antal_anmalda,
    antal_genomforda,
    antal_vantande,
    antal_over_90,
    median_dagar,
    p90_dagar
FROM source
