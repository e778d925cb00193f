-- The end is an instant in the export: the day that it falls on is the first day after.
SELECT
    "hsaIdentity" AS hsa_id,
    coalesce(nullif("publicName", ''), "name") AS namn,
    CASE WHEN "publicName" <> "name" THEN "name" END AS alias,
    CASE WHEN "unitIsArchived" = 'true' THEN 'arkiverad' ELSE 'real' END AS typ,
    ja_nej("isHsaHealthCareUnit") AS vardenhet,
    ja_nej("isHsaHealthCareProvider") AS vardgivare,
    "orgNo" AS orgnr,
    "hsaResponsibleHealthCareProvider" AS vardgivare_hsa_id,
    datum("startDate") AS giltig_fran,
    datum("endDate") AS giltig_till
FROM source
