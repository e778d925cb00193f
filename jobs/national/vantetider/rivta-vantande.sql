-- Waiting contacts of RIV-TA tillgangligVardSpeci 1.0: days are counted to the end of the measured month.
SELECT
    lanskod,
    kontakt,
    manad,
    fas,
    mvo,
    aktivitet,
    kva,
    icd,
    vardgaranti,
    avvikelse,
    region,
    vardgivare,
    vardenhet,
    enhet,
    sjukhus,
    sjukhus_namn,
    bokningssatt,
    vardkontakttyp,
    yrkeskategori,
    remittenttyp,
    remittent,
    kon,
    aldersgrupp(ar - aldersgrupp) AS aldersgrupp,
    kommun,
    manad(beslut_manad) AS beslut_manad,
    manad(remiss_manad) AS remiss_manad,
    manad(maldatum_manad) AS maldatum_manad,
    CAST(slut AS INT) - CAST(beslut_manad AS INT) AS vantetid_dagar,
    CAST(beslut_manad AS INT) - CAST(remiss_manad AS INT) AS remiss_beslut_dagar,
    CASE
        WHEN slut IS NULL OR beslut_manad IS NULL THEN NULL
        WHEN vardgaranti <> 'JA' OR avvikelse IN ('1', '2') THEN 'EJ_VG'
        WHEN CAST(slut AS INT) - CAST(beslut_manad AS INT) <= $garanti_dagar THEN 'JA'
        ELSE 'NEJ'
    END AS inom_vardgaranti,
    vantetidsintervall(CAST(slut AS INT) - CAST(beslut_manad AS INT)) AS intervall
FROM (
    SELECT
        lanskod("Regionkod", 'skr') AS lanskod,
        pseudonym('vardkontakt', "VardkontaktId") AS kontakt,
        substr("DatatGallerFor", 1, 7) AS manad,
        heltal(substr("DatatGallerFor", 1, 4)) AS ar,
        "Fas" AS fas,
        "Mvo" AS mvo,
        "Aktivitet" AS aktivitet,
        kva("AktivitetKVA") AS kva,
        icd10("AktivitetICD") AS icd,
        CASE
            WHEN upper("Vardgaranti") IN ('1', 'J', 'JA', 'T', 'TRUE') THEN 'JA'
            WHEN upper("Vardgaranti") IN ('2', 'N', 'NEJ', 'F', 'FALSE') THEN 'NEJ'
            ELSE "Vardgaranti"
        END AS vardgaranti,
        "Avvikelse" AS avvikelse,
        "HSAIdRegion" AS region,
        "HSAIdVardgivare" AS vardgivare,
        "HSAIdVardenhet" AS vardenhet,
        "HSAIdEnhet" AS enhet,
        "Sjukhus" AS sjukhus,
        "SjukhusNamn" AS sjukhus_namn,
        "Bokningssatt" AS bokningssatt,
        "Vardkontakt" AS vardkontakttyp,
        "Yrkeskategori" AS yrkeskategori,
        "Remittenttyp" AS remittenttyp,
        "Remittent" AS remittent,
        CASE
            WHEN upper("Kon") IN ('1', 'M', 'MAN') THEN '1'
            WHEN upper("Kon") IN ('2', 'K', 'KVINNA') THEN '2'
            WHEN upper("Kon") IN ('3', 'O', 'OKÄNT') THEN '3'
            ELSE "Kon"
        END AS kon,
        heltal("FodelseAr") AS aldersgrupp,
        nullif("Lkf", '0000') AS kommun,
        datum("BeslutAktivitet") AS beslut_manad,
        datum("RemissDatum") AS remiss_manad,
        -- DatatGallerFor is the month's first day: waiting is counted to its last.
        CAST(date_trunc('month', datum("DatatGallerFor")) + INTERVAL '1 month' - INTERVAL '1 day' AS DATE) AS slut,
        datum("MedicinsktMaldatum") AS maldatum_manad
    FROM source
)
