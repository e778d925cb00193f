-- Any code list that the connector `kodverk` reads.
SELECT
    system,
    kod,
    version,
    "text",
    nullif(beskrivning, '') AS beskrivning,
    datum(giltig_fran) AS giltig_fran,
    datum(giltig_till) AS giltig_till,
    nullif(ersatt_av, '') AS ersatt_av,
    ja_nej(aktiv) AS aktiv,
    nullif(overordnad, '') AS overordnad
FROM source
