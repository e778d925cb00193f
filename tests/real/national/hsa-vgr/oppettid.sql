-- 1-7#00:00#24:00 is around the clock; several hours of a unit are a row each.
SELECT
    'enhet' AS agare_typ,
    agare_id,
    'besok' AS slag,
    split_part(oppettid(tid, 'dagar'), '-', 1) AS veckodag_fran,
    split_part(oppettid(tid, 'dagar'), '-', 2) AS veckodag_till,
    oppettid(tid, 'fran') AS oppnar,
    oppettid(tid, 'till') AS stanger,
    oppettid(tid, 'fran') = '00:00' AND oppettid(tid, 'till') = '24:00' AS dygnet_runt
FROM (
    SELECT
        hsaidentity AS agare_id,
        unnest(string_to_array(hsasurgeryhours, '$sep')) AS tid
    FROM source
)
WHERE tid IS NOT NULL
