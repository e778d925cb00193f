//! The files that a new project and a new region's folder begin with.

/// `sluss.toml`.
pub(super) const PROJECT: &str = r#"# Ett Sluss-projekt. Alla sökvägar utgår från den här mappen.
[register]
url = "sqlite://var/register.db"      # eller: secret = "namn", där hemligheten är postgres://…

[lake]
path = "var/lake"                     # eller s3://bucket/prefix, nåd så här:
# [lake.s3]
# endpoint          = "https://s3.exempel.se"
# access_key_id     = { secret = "lager_id" }
# secret_access_key = { secret = "lager_nyckel" }

[landing]
path           = "var/landing"        # originalfiler och karantän, krypterade
retention_days = 90
key            = "huvudnyckel"        # hemlighetens namn

# Den som tar emot leveranser (sluss serve --push) säger här från vem:
# [[push.token]]
# name    = "vasternorrland"
# lanskod = "22"
# tables  = ["avtal"]                 # tom lista: alla
# expires = 2027-12-31
# sha256  = "…"                       # av token: printf %s "$TOKEN" | sha256sum
"#;

/// A region's folder: `{code}`, `{name}` and `{folder}` stand for the region's.
pub(super) const REGION: &[(&str, &str)] =
    &[("avtal.toml", JOB), ("avtal.sql", SQL), ("example.csv", EXAMPLE), ("expected.csv", EXPECTED)];

const JOB: &str = r#"#:schema ../../job.schema.json
# Avtal från {name}. Raderna som börjar med # är förklaringar.
#
#   sluss discover {folder}/avtal   vilka kolumner filen har
#   sluss check --examples          vad som är fel, innan något körs
#   sluss preview {folder}/avtal    de första raderna, som de skulle bli
#   sluss plan {folder}/avtal       vad en körning skulle ändra
#   sluss run {folder}/avtal        kör

[job]
owner = "{code}"                      # länskod: alla rader tillhör regionen
feeds = ["avtal"]                     # nationella tabeller som jobbet matar (sluss docs tabeller)
mode  = "snapshot"                    # filen har alla gällande avtal: det som saknas har upphört
# schedule = "0 15 2 * * *"           # sekund minut timme dag månad veckodag: varje dag 02.15

[source]
connector = "files"

[source.options]
path     = "kallor/*.csv"             # utgår från den här mappen
format   = "csv"                      # csv tsv fixed xlsx xls json ndjson xml
encoding = "utf-8"                    # eller iso-8859-1, windows-1252

[map]
avtal = "avtal.sql"                   # en fil för varje tabell i feeds

# [map.one_per]                       # om filen har flera rader om samma avtal
# avtal = ["avtals_id"]

# [filter]                            # rader som inte ska med: ett namn och ett villkor. De räknas.
# utkast = "\"Status\" = 'utkast'"

[limits]
max_rejected_share = 0.05             # fler avvisade än så: inget publiceras
max_ended_share    = 0.20             # fler avslutade än så: inget publiceras

[[example]]                           # prövas av: sluss check --examples
given  = "example.csv"                # några påhittade rader i filens form
expect = "expected.csv"               # det som de ska bli
"#;

const SQL: &str = r#"-- Till vänster: kolumnen i er fil. Till höger: den nationella kolumnen (sluss docs avtal visar alla).
-- Datum, tal och ja/nej läses med datum(), decimal() och ja_nej(): sluss docs funktioner.
-- giltig_till är första dagen efter avtalet. Har källan sista dagen: + INTERVAL '1 day'.
SELECT
  '{code}'                                    AS lanskod,
  "Avtalsnr"                              AS avtals_id,
  "Benämning"                             AS titel,
  datum("Gäller från")                    AS giltig_fran,
  datum("Gäller till") + INTERVAL '1 day' AS giltig_till
FROM source
"#;

const EXAMPLE: &str = "\
Avtalsnr;Benämning;Gäller från;Gäller till
EX-1;Exempelavtal om ögonsjukvård;2026-01-01;2027-12-31
EX-2;Exempelavtal utan slut;2026-03-01;tills vidare
";

const EXPECTED: &str = "\
lanskod;avtals_id;titel;giltig_fran;giltig_till
{code};EX-1;Exempelavtal om ögonsjukvård;2026-01-01;2028-01-01
{code};EX-2;Exempelavtal utan slut;2026-03-01;
";
