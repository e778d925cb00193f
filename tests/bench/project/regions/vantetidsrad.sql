-- One mapping for all regions: what differs between them is told by the job's variables.
SELECT
    region,
    vantande_id,
    hsa_id,
    lanskod,
    matning,
    kva_kod,
    icd_kod,
    beslut_datum,
    planerat_datum,
    utfort_datum,
    patientvald_vantan,
    medicinskt_orsakad_vantan,
    prioritet,
    belopp,
    fritext,
    manad(beslut_datum) AS manad
FROM (
    SELECT
        '$region' AS region,
        vantande_id,
        hsa_id,
        lanskod,
        matning,
        kva_kod,
        icd_kod,
        datum(beslut_datum, '$datumformat') AS beslut_datum,
        datum(planerat_datum, '$datumformat') AS planerat_datum,
        datum(utfort_datum, '$datumformat') AS utfort_datum,
        ja_nej(patientvald_vantan) AS patientvald_vantan,
        ja_nej(medicinskt_orsakad_vantan) AS medicinskt_orsakad_vantan,
        heltal(prioritet) AS prioritet,
        decimal(belopp) AS belopp,
        fritext
    FROM source
)
