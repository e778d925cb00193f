SELECT
    'enhet' AS agare_typ,
    "hsaIdentity" AS agare_id,
    'besok' AS slag,
    split_part(oppettid("surgeryHours", 'dagar'), '-', 1) AS veckodag_fran,
    split_part(oppettid("surgeryHours", 'dagar'), '-', 2) AS veckodag_till,
    oppettid("surgeryHours", 'fran') AS oppnar,
    oppettid("surgeryHours", 'till') AS stanger,
    oppettid("surgeryHours", 'fran') = '00:00' AND oppettid("surgeryHours", 'till') = '24:00' AS dygnet_runt
FROM source
WHERE "surgeryHours" <> ''
