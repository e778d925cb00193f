-- Completed contacts of RIV-TA tillgangligVardSpeci 1.0. Ages, months and day counts are computed here; birth year,
-- dates, referral id and the plain contact id stop here. The inner columns have the names of the
-- national columns that they serve, so that a date that cannot be read is reported under one of them.
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
    akutverksamhet,
    remittenttyp,
    remittent,
    kon,
    aldersgrupp(ar - aldersgrupp) AS aldersgrupp,
    kommun,
    manad(beslut_manad) AS beslut_manad,
    manad(remiss_manad) AS remiss_manad,
    manad(start_manad) AS start_manad,
    manad(maldatum_manad) AS maldatum_manad,
    CAST(start_manad AS INT) - CAST(beslut_manad AS INT) AS vantetid_dagar,
    CAST(start_manad AS INT) - CAST(remiss_manad AS INT) AS patientresa_dagar,
    CAST(beslut_manad AS INT) - CAST(remiss_manad AS INT) AS remiss_beslut_dagar,
    CASE
        WHEN start_manad IS NULL OR beslut_manad IS NULL THEN NULL
        WHEN vardgaranti <> 'JA' OR avvikelse = '1' THEN 'EJ_VG'
        WHEN CAST(start_manad AS INT) - CAST(beslut_manad AS INT) <= $garanti_dagar THEN 'JA'
        ELSE 'NEJ'
    END AS inom_vardgaranti,
    vantetidsintervall(CAST(start_manad AS INT) - CAST(beslut_manad AS INT)) AS intervall
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
        "TypAkutverksamhet" AS akutverksamhet,
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
        datum("StartAktivitet") AS start_manad,
        datum("MedicinsktMaldatum") AS maldatum_manad
    FROM source
)
