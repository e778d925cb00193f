//! The reference page on secrecy, from the declarations that the program runs by.

use std::fmt::Write as _;

use super::outlet::Outlet;
use super::status::Status;
use crate::table::Class;

const BEFORE: &str = "\
# Sekretess: vad som lämnar registret, och vad som inte gör det

Sidan är gjord ur programmet (`schemas/src/secrecy/`): så här räknar det.

Varje kolumn har en klass (`sluss docs avtal` visar den). Varje avtal har en status, och det som hör till avtalet
(uppdrag, tjänster, villkor, målgrupper, kontaktvägar, tider, tillstånd, samband) har samma. Varje utlopp släpper fram
celler efter klass och status, och räknar det som det håller inne.

## Status för ett avtal

| status | betyder | kommer av |
|---|---|---|
| `oppen` | öppna kolumner får lämnas ut | regionen säger `ingen`, sekretessen har gått ut, eller E-hälsomyndigheten har beslutat det |
| `provas` | ingen har bestämt: hålls som om det vore hemligt | regionen säger `delvis` eller `ej_provad`, eller myndigheten prövar |
| `hemlig` | hemligt, oftast till en dag | regionen säger `sekretess`, eller myndigheten har beslutat det |
| `undantagen` | regionen har beslutat att avtalet inte registreras | regionen säger `registreras_ej` |

Myndighetens beslut (`sluss secrecy decide`) går före det som regionen säger om sekretess, men aldrig före regionens
beslut att inte registrera.

### Hur länge

- **OSL 31:16**, hos regionen: avtalsvillkor högst två år från dagen då avtalet *ingicks* (`tecknat`), inte från dagen då
  det började gälla. Slutdagen har samma nummer som dagen då avtalet ingicks; dagen efter är avtalet öppet.
- **OSL 25:17 b**, hos E-hälsomyndigheten: högst tjugo år, och ingen regel om två. Ett avtal kan alltså vara öppet hos
  regionen och behöva prövas hos myndigheten.
- Är dagen då avtalet ingicks okänd och ingen slutdag given, öppnas inget av sig självt: en människa bestämmer.

En sekretess som gått ut öppnar vyerna samma dag, och datalagret vid nästa körning, `sluss project` eller fråga. Då
får också de som följer händelserna veta det: varje rad som hör till avtalet kommer som *ny*, en gång och i nummerordning,
vare sig det öppnades av en dag som kom, av ett beslut eller av regionens eget ord. Regionen själv, som har sett raden
hela tiden, får den inte igen; den som börjar följa senare får den bara då.

### Det som lagen överlåter

`[secrecy]` i `sluss.toml`. Varje förval håller inne det som någon har bett om att få hållet.

| val | förval | frågan, och vem som svarar |
|---|---|---|
| `carried_over` | `true` | Följer sekretessen enligt 31:16 med till myndigheten (31:18)? Paragrafen säger det; myndighetens rapport 2023 säger emot. Myndighetens jurist. Med `false` prövas avtalet där i stället: inget släpps fram av något av svaren. |
| `unanswered` | `open` | Regionen har inte svarat. Båda paragraferna utgår från öppenhet (sekretess gäller *om* skada kan antas), villkor av klass *skyddad* lämnas aldrig ut ändå, och en lägesbild behöver avtalen från regioner som saknar kolumnen. Myndigheten. |
| `untested` | `decide` | Regionen säger att den inte har prövat. |
| `partly` | `decide` | Hemligt till en del, men regionen säger inte vilken. |
| `open_at_region` | `open` | Öppet hos regionen. `decide` låter varje avtal vänta på myndighetens egen prövning. Myndigheten. |
| `secret_contracts` | `register` | Ett avtal som regionen kallar hemligt registreras och hålls inne. `withhold` läser det som `registreras_ej`: det går inte att ångra, så det är inget förval. |

## Vad varje utlopp släpper fram

`ö` celler av klass *öppen*, `s` av klass *skyddad*, `p` av klass *personuppgift*, `–` ingenting.

";

const AFTER: &str = "
Registrets egna tabeller, `sekretess_lage` och `sluss sql --operator` är inget utlopp: de är operatörens.

## Ett avtal som inte registreras

En rad där `sekretess` är `registreras_ej`, och alla rader i leveransen som hör till samma avtal eller kom ur samma rad i
källan, räknas som *undantagna* och finns sedan ingenstans: inte i register, datalager, karantän, kvittensens rader eller
logg. Rader in = godtagna + avvisade + undantagna + bortfiltrerade.

- **Originalfilerna i leveransen förstörs** när körningen är klar. Den kan därför inte köras om: ska något i den rättas
  lämnas en ny fil, och det står på kvittensen. Finns inga avvisade rader förstörs leveransens nyckel, så att inte heller
  en säkerhetskopia går att läsa. Annars behövs nyckeln till karantänens rader (som inte rör avtalet) tills de är avgjorda.
- **Var avtalet registrerat förut** avslutas det och allt som hör till det, och syns inte längre i något utlopp. Raderna
  står i `sekretess_undantag` tills de är raderade ur historiken.
- En rad som inte går att läsa alls kan inte kännas igen som undantagen: den ligger krypterad i karantänen.
- Lämnas uppdragen av ett annat jobb än avtalen, avvisas de med `saknad_foralder`. Låt samma jobb lämna båda.
";

/// The page, in Swedish.
pub fn page() -> String {
    let mut out = BEFORE.to_owned();
    let statuses: Vec<_> = Status::ALL.iter().map(|status| format!("`{}`", status.name())).collect();
    let _ = writeln!(out, "| utlopp | {} |", statuses.join(" | "));
    let _ = writeln!(out, "|---|{}", "---|".repeat(Status::ALL.len()));
    for outlet in Outlet::ALL {
        let cells = Status::ALL.map(|status| cell(outlet, status));
        let _ = writeln!(out, "| {} | {} |", outlet.sv(), cells.join(" | "));
    }
    out.push_str(AFTER);
    out
}

fn cell(outlet: Outlet, status: Status) -> String {
    let classes = [(Class::Oppen, "ö"), (Class::Skyddad, "s"), (Class::Personuppgift, "p")];
    let cleared: Vec<&str> = classes.iter().filter(|(c, _)| outlet.clears(*c, status)).map(|(_, sign)| *sign).collect();
    if cleared.is_empty() { "–".to_owned() } else { cleared.join(" ") }
}
