-- What was announced, and when.
SELECT
    'organisation' AS agare_typ,
    orgnr("Organisationsnummer") AS agare_id,
    "Anmälningsnummer" AS tillstand_id,
    "Verksamhet" AS beskrivning,
    'Inspektionen för vård och omsorg' AS utfardare,
    "Anmälningsnummer" AS diarienummer,
    datum("Anmäld") AS giltig_fran,
    datum("Upphörd") + INTERVAL '1 day' AS giltig_till
FROM source
