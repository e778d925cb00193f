SELECT
    fran_system,
    fran_kod,
    till_system,
    till_kod,
    grad,
    fran_version,
    till_version,
    nullif(kommentar, '') AS kommentar,
    datum(giltig_fran) AS giltig_fran,
    datum(giltig_till) AS giltig_till
FROM source
