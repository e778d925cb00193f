SELECT
    omrade,
    system,
    kod,
    namn,
    datum(giltig_fran) AS giltig_fran,
    datum(giltig_till) AS giltig_till
FROM source
