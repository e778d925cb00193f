-- The file's last valid day becomes the first day after (half-open periods).
SELECT
    '$system' AS system,
    kod,
    '1997-01-01' AS version,
    term AS text,
    datum(giltig_fran, 'YYYY-MM-DD') AS giltig_fran,
    datum(giltig_till, 'YYYY-MM-DD') + INTERVAL '1 day' AS giltig_till
FROM source
