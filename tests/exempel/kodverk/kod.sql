-- The connector gives the columns of the national table; text that stands for dates is read by the column's type.
SELECT
    system,
    btrim(kod) AS kod,
    version,
    "text",
    beskrivning,
    giltig_fran,
    giltig_till,
    ersatt_av,
    aktiv,
    overordnad
FROM source
