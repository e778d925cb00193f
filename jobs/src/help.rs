//! The command line's help in Swedish. English stands beside the arguments in `cli`.

use std::ffi::OsString;

use clap::builder::StyledStr;
use clap::{Arg, ArgAction, Command, CommandFactory};

use crate::cli::{Cli, Lang};

/// The language that the command line asks for, before it is understood: help and errors need it.
pub(crate) fn language(arguments: impl Iterator<Item = OsString>) -> Lang {
    let arguments: Vec<_> = arguments.map(|a| a.to_string_lossy().into_owned()).collect();
    let pair = arguments.windows(2).any(|pair| matches!(pair, [name, value] if name == "--lang" && value == "en"));
    if pair || arguments.iter().any(|a| a == "--lang=en") { Lang::En } else { Lang::Sv }
}

/// The command line, with help in that language.
pub(crate) fn command(lang: Lang) -> Command {
    let command = Cli::command();
    match lang {
        Lang::En => command,
        Lang::Sv => {
            let help = Arg::new("help")
                .short('h')
                .long("help")
                .global(true)
                .action(ArgAction::Help)
                .help("Visa den här hjälpen.");
            let version = Arg::new("version")
                .short('V')
                .long("version")
                .action(ArgAction::Version)
                .help("Visa programmets version.");
            let command = command
                .disable_help_flag(true)
                .disable_version_flag(true)
                .disable_help_subcommand(true)
                .arg(help)
                .arg(version);
            in_swedish(command, "")
        }
    }
}

/// More arguments than any command has of its own.
const GLOBAL: usize = 100;

const TEMPLATE: &str = "{about-with-newline}\nAnvändning: {usage}\n\n{all-args}";

fn in_swedish(mut command: Command, path: &str) -> Command {
    let names: Vec<String> = command.get_subcommands().map(|c| c.get_name().to_owned()).collect();
    let arguments: Vec<String> = command.get_arguments().map(|a| a.get_id().to_string()).collect();
    let usage = used(&command, path);
    command = command.help_template(TEMPLATE).subcommand_help_heading("Kommandon").override_usage(usage);
    if let Some((_, about)) = text(path) {
        command = command.about(about).disable_help_subcommand(true);
    }
    for (place, id) in arguments.iter().enumerate() {
        let key = format!("{path}:{id}");
        command = command.mut_arg(id, |arg| {
            // A command's own arguments as they are declared, then those that every command has.
            let place = if arg.is_global_set() { place + GLOBAL } else { place };
            argument(arg, &key).display_order(place)
        });
    }
    for name in names {
        let path = format!("{path} {name}");
        command = command.mut_subcommand(&name, |sub| in_swedish(sub, path.trim_start()));
    }
    command
}

fn argument(arg: Arg, key: &str) -> Arg {
    let heading = if arg.is_positional() { "Argument" } else { "Flaggor" };
    let defaults: Vec<_> = arg.get_default_values().iter().map(|v| v.to_string_lossy().into_owned()).collect();
    let values: Vec<_> = arg.get_possible_values().iter().map(|v| v.get_name().to_owned()).collect();
    let takes = arg.get_action().takes_values();
    let (name, help) = match text(key) {
        Some((name, help)) => (name, help.to_owned()),
        None => ("", arg.get_help().map(StyledStr::to_string).unwrap_or_default()),
    };
    let mut help = help;
    if takes && !values.is_empty() {
        help = format!("{} ({}).", help.trim_end_matches('.'), values.join(", "));
    }
    if takes && !defaults.is_empty() {
        help = format!("{help} [förval: {}]", defaults.join(" "));
    }
    let named = takes && !name.is_empty();
    let arg = arg.help_heading(heading).help(help);
    let arg = if takes { arg.hide_default_value(true).hide_possible_values(true) } else { arg };
    if named { arg.value_names(name.split(' ').collect::<Vec<_>>()) } else { arg }
}

/// How the command is written.
fn used(command: &Command, path: &str) -> String {
    let mut usage = if path.is_empty() { "sluss".to_owned() } else { format!("sluss {path}") };
    usage.push_str(" [FLAGGOR]");
    for arg in command.get_positionals() {
        let id = format!("{path}:{}", arg.get_id());
        let names = text(&id).map_or("", |(name, _)| name);
        let names = if names.is_empty() { arg.get_id().as_str().to_uppercase() } else { names.to_owned() };
        let more = if arg.get_num_args().is_some_and(|n| n.max_values() > 2) { "…" } else { "" };
        let shown = if arg.is_required_set() { format!(" <{names}>{more}") } else { format!(" [{names}]{more}") };
        usage.push_str(&shown);
    }
    if command.has_subcommands() {
        usage.push_str(" <KOMMANDO>");
    }
    usage
}

/// What a command (`quarantine list`) or an argument (`quarantine list:run`) is: the name of its
/// value, and the help.
fn text(key: &str) -> Option<(&'static str, &'static str)> {
    TEXTS.iter().find(|(known, ..)| *known == key).map(|(_, name, help)| (*name, *help))
}

const TEXTS: &[(&str, &str, &str)] = &[
    ("", "", "Sluss: en nationell datapipeline för svensk hälso- och sjukvård."),
    (":project", "MAPP", "Projektets mapp (där sluss.toml finns)."),
    (":format", "FORM", "Hur svar skrivs."),
    (":lang", "SPRÅK", "Språk i svar och meddelanden."),
    (":log", "FORM", "Hur loggen på standard error skrivs: rader, eller JSON med körning och jobb på varje rad."),
    (":verbose", "", "Fler rader i loggen; två gånger ger ännu fler."),
    (":clock", "TID", "Vad klockan är, för att upprepa en körning (RFC 3339)."),
    (":help", "", "Visa den här hjälpen."),
    (":version", "", "Visa programmets version."),
    ("init", "", "Gör ett projekt här, eller en regions mapp i det."),
    ("init:what", "region LÄNSKOD", "`region LÄNSKOD` gör regionens mapp."),
    ("check", "", "Hitta felen i jobb innan de körs."),
    ("check:jobs", "JOBB", "Jobb; inget betyder alla."),
    ("check:offline", "", "Sök inte upp källorna."),
    ("check:examples", "", "Pröva även jobbens `[[example]]`."),
    (
        "discover",
        "",
        "Visa vad ett jobbs källa innehåller: delar och kolumner. `--suggest` gör ett utkast till mappning.",
    ),
    ("discover:job", "JOBB", "Jobbets namn, som `sluss jobs` visar det (ett entydigt slut räcker)."),
    ("discover:suggest", "", "Gör ett utkast till mappning: SQL, med det som talar för varje kolumn."),
    ("discover:rows", "ANTAL", "Antal rader att titta på i varje del."),
    ("discover:write", "", "Skriv utkastets filer där inga finns. Det som finns lämnas orört."),
    ("preview", "", "Visa de första raderna, mappade och prövade. Skriver inget."),
    ("preview:job", "JOBB", "Jobbet."),
    ("preview:rows", "ANTAL", "Antal källrader."),
    ("plan", "", "Säg vad en körning skulle publicera. Skriver inget."),
    ("plan:jobs", "JOBB", "Jobb; inget betyder alla."),
    ("run", "", "Kör jobb nu."),
    ("run:jobs", "JOBB", "Jobb att köra."),
    ("run:all", "", "Kör alla jobb i projektet, i den ordning som de bygger på varandra."),
    ("run:full", "", "Glöm läspositionen: läs allt."),
    ("run:believe", "SKÄL", "Publicera fast leveransen annars skulle hållas; skälet sparas med körningen."),
    ("run:parallel", "ANTAL", "Så många jobb åt gången."),
    ("submit", "", "Lämna in en fil: till det här projektet, eller till ett som lyssnar någon annanstans."),
    ("submit:file", "FIL", "Filen: json, ndjson, csv, xlsx eller arrow, även packad (`.gz`)."),
    ("submit:region", "LÄNSKOD", "Regionen som lämnar den."),
    ("submit:table", "TABELL", "Den nationella tabellen."),
    ("submit:url", "ADRESS", "Var mottagaren lyssnar; utan den lämnas filen till det här projektet."),
    ("submit:token_file", "FIL", "Fil med den token som mottagaren känner avsändaren på."),
    ("submit:ca", "FIL", "Fil med utfärdarna, i PEM, av mottagarens certifikat."),
    (
        "submit:key",
        "NYCKEL",
        "Leveransens egen nyckel: samma fil med samma nyckel är samma leverans. Utan den är filens innehåll nyckeln.",
    ),
    (
        "status",
        "",
        "Landet nu: vem som är i tid, sen, hålls, har fel eller är tyst, och vad som väntar på en människa.",
    ),
    ("serve", "", "Kör jobben på deras tider, tills någon säger stopp; `--push` tar också emot leveranser."),
    ("serve:once", "", "Kör det som ska köras, och sluta: för en timer i operativsystemet."),
    ("serve:push", "", "Ta emot leveranser över HTTP, som `[push]` i sluss.toml säger."),
    ("serve:listen", "ADRESS", "Adress och port, i stället för dem i sluss.toml."),
    ("serve:no_jobs", "", "Kör inga jobb: ta bara emot leveranser."),
    ("jobs", "", "Visa projektets jobb: när de kördes och ska köras. Pausa, återuppta, kör, läs in i efterhand."),
    ("jobs pause", "", "Börja inga fler körningar av ett jobb, förrän det återupptas."),
    ("jobs pause:job", "JOBB", "Jobbet."),
    ("jobs pause:reason", "SKÄL", "Varför; det visas vid jobbet."),
    ("jobs resume", "", "Kör ett pausat jobb på dess tider igen."),
    ("jobs resume:job", "JOBB", "Jobbet."),
    ("jobs trigger", "", "Låt `sluss serve` köra ett jobb så snart det går."),
    ("jobs trigger:job", "JOBB", "Jobbet."),
    ("jobs trigger:reason", "SKÄL", "Varför; det sparas med körningen."),
    ("jobs backfill", "", "Låt `sluss serve` läsa en gången period, del för del; det som bryts fortsätter."),
    ("jobs backfill:job", "JOBB", "Jobbet."),
    ("jobs backfill:from", "DAG", "Första dagen."),
    ("jobs backfill:to", "DAG", "Sista dagen."),
    ("runs", "", "Visa körningar, eller allt om en."),
    ("runs:run", "KÖRNING", "Körningens id, eller ett entydigt slut på det; inget visar en lista."),
    ("runs:limit", "ANTAL", "Så många i listan."),
    ("quarantine", "", "Avvisade rader: visa, kör om, släng, exportera."),
    ("quarantine list", "", "Avvisade rader, efter orsak."),
    ("quarantine list:run", "KÖRNING", "Bara den här körningen."),
    ("quarantine list:limit", "ANTAL", "Så många orsaker."),
    ("quarantine show", "", "En körnings avvisade rader, med sin plats i källan."),
    ("quarantine show:run", "KÖRNING", "Körningen."),
    ("quarantine show:rows", "ANTAL", "Så många rader."),
    ("quarantine replay", "", "Kör den sparade leveransen igen, med jobbet som det är nu."),
    ("quarantine replay:run", "KÖRNING", "Körningen."),
    ("quarantine drop", "", "Släng en körnings avvisade rader för gott."),
    ("quarantine drop:run", "KÖRNING", "Körningen."),
    ("quarantine export", "", "Skriv alla avvisade rader till en fil (Parquet), för den som äger dem."),
    ("quarantine export:out", "FIL", "Filen."),
    ("quarantine export:table", "TABELL", "Bara den här tabellen."),
    ("receipt", "", "Visa kvittot på en leverans."),
    ("receipt:run", "KÖRNING", "Körningen."),
    ("receipt:out", "FIL", "Skriv till en fil: `.xlsx`, `.json` eller `.txt`. Signaturen läggs bredvid, i `.sig`."),
    ("receipt:verify", "FIL", "Säg om ett kvitto är som det skrevs här, efter signaturen bredvid det."),
    ("receipt:public_key", "", "Visa de öppna nycklar som signaturer prövas med (PEM)."),
    ("codes", "", "Kodverk: importera, visa, pröva."),
    ("codes import", "", "Importera en kodlista."),
    ("codes import:file", "FIL", "Filen."),
    ("codes import:system", "NAMN", "Kodverkets namn; behövs inte där filen säger det (FHIR, Genericode)."),
    ("codes import:edition", "VERSION", "Versionens namn."),
    ("codes import:valid_from", "DATUM", "Versionens första dag."),
    (
        "codes import:options",
        "NAMN=VÄRDE",
        "Fler inställningar för kopplingen `kodverk`, som i en jobbfil: `form=fixed`, `encoding=iso-8859-1`, …",
    ),
    ("codes list", "", "Kodverk och deras versioner."),
    ("codes show", "", "En kod, i alla versioner."),
    ("codes show:system", "KODVERK", "Kodverket."),
    ("codes show:code", "KOD", "Koden."),
    ("codes check", "", "Gäller en kod på en dag?"),
    ("codes check:system", "KODVERK", "Kodverket."),
    ("codes check:code", "KOD", "Koden."),
    ("codes check:on", "DATUM", "Dagen; utan den gäller i dag."),
    ("register", "", "Registret: rader som de är eller var, deras historik, skillnader, ögonblicksbilder."),
    ("register show", "", "En rad som den är, eller var."),
    ("register show:table", "TABELL", "Tabellen."),
    ("register show:key", "NYCKEL", "Nyckelns delar, i tabellens ordning."),
    ("register show:as_of", "DATUM", "Dagen som uppgiften ska gälla."),
    ("register show:sources", "", "Vad varje källa säger om den, och vems uppgift som gäller."),
    ("register show:recorded", "TID", "När registret ska ha haft uppgiften: en dag (dess slut) eller ett klockslag."),
    ("register history", "", "Vad registret har haft om en rad, ändring för ändring."),
    ("register history:table", "TABELL", "Tabellen."),
    ("register history:key", "NYCKEL", "Nyckelns delar, i tabellens ordning."),
    ("register diff", "", "Vad som skiljer mellan två tider: nya, ändrade, rättade och avslutade rader."),
    ("register diff:from", "TID", "En dag (dess slut) eller ett klockslag."),
    ("register diff:to", "TID", "En senare tid; utan den gäller nu."),
    ("register diff:table", "TABELL", "Bara den här tabellen."),
    ("register diff:owner", "ÄGARE", "Bara den här ägarens rader: en länskod, eller ett nationellt jobbs ägare."),
    ("register snapshot", "", "Hela registret som det var, som SQL-vyer under ett namn."),
    ("register snapshot:name", "NAMN", "Den nya ögonblicksbildens namn."),
    (
        "register snapshot:recorded",
        "TID",
        "Tiden som den visar: en dag (dess slut) eller ett klockslag; utan den gäller nu.",
    ),
    ("register snapshot list", "", "Ögonblicksbilderna."),
    ("register snapshot drop", "", "Ta bort en ögonblicksbilds vyer. Registret rörs inte."),
    ("register snapshot drop:name", "NAMN", "Dess namn."),
    ("secrecy", "", "Sekretess: vilka avtal som inte lämnas ut och varför; myndighetens beslut."),
    ("secrecy list", "", "Avtal som är hemliga, undantagna eller ska prövas, och hur många som är öppna."),
    ("secrecy list:region", "LÄNSKOD", "Bara den här regionens."),
    ("secrecy list:all", "", "Också de öppna."),
    ("secrecy show", "", "Ett avtal: hur det står, och varje beslut om det."),
    ("secrecy show:region", "LÄNSKOD", "Regionens länskod."),
    ("secrecy show:contract", "AVTAL", "Avtalets id hos regionen."),
    ("secrecy decide", "", "Spara ett beslut av myndigheten om ett avtal."),
    ("secrecy decide:region", "LÄNSKOD", "Regionens länskod."),
    ("secrecy decide:contract", "AVTAL", "Avtalets id hos regionen."),
    (
        "secrecy decide:status",
        "BESLUT",
        "Beslutet: oppen, provas (hålls som hemligt tills det är prövat) eller hemlig.",
    ),
    ("secrecy decide:by", "VEM", "Vem som beslutar."),
    ("secrecy decide:ground", "LAGRUM", "Lag och paragraf, för hemlig: `OSL 25:17 b`."),
    ("secrecy decide:until", "DAG", "Första dagen som det är öppet igen. Räknas annars från dagen då avtalet ingicks."),
    ("secrecy decide:file_number", "NUMMER", "Beslutets diarienummer."),
    ("secrecy decide:on", "DAG", "Dagen för beslutet; annars i dag."),
    ("match", "", "Vilken organisation eller enhet som avses: kör det, vad som är tveksamt, varför, och beslut."),
    ("match run", "", "Jämför allt på nytt, som `sluss run` gör."),
    ("match list", "", "Det som väntar på beslut, det värdefullaste först."),
    ("match list:all", "", "Också det som inte väntar på beslut."),
    ("match list:table", "TABELL", "Bara den här tabellens: uppdrag, tjanst, vantetid eller upphandling."),
    ("match list:limit", "ANTAL", "Hur många."),
    ("match list:operator", "", "Också i avtal som inte är öppna. Det står i granskningsloggen."),
    ("match show", "", "En koppling: vad som talar för den, och varje beslut om den."),
    ("match show:table", "TABELL", "Tabellen: uppdrag, tjanst, vantetid eller upphandling."),
    ("match show:key", "NYCKEL", "Radens nyckel där, som listan har den."),
    ("match show:role", "ROLL", "Vad som avses där: utforare, utforare_enhet, enhet eller leverantor."),
    ("match show:operator", "", "Också i avtal som inte är öppna. Det står i granskningsloggen."),
    ("match accept", "", "Besluta att det är den här som avses."),
    ("match accept:table", "TABELL", "Tabellen: uppdrag, tjanst, vantetid eller upphandling."),
    ("match accept:key", "NYCKEL", "Radens nyckel där, som listan har den."),
    ("match accept:role", "ROLL", "Vad som avses där: utforare, utforare_enhet, enhet eller leverantor."),
    ("match accept:target", "ID", "Organisationsnummer eller HSA-id; annars det som hittades."),
    ("match accept:by", "VEM", "Vem som beslutar."),
    ("match accept:operator", "", "Också i avtal som inte är öppna. Det står i granskningsloggen."),
    ("match reject", "", "Besluta att det inte är den här som avses."),
    ("match reject:table", "TABELL", "Tabellen: uppdrag, tjanst, vantetid eller upphandling."),
    ("match reject:key", "NYCKEL", "Radens nyckel där, som listan har den."),
    ("match reject:role", "ROLL", "Vad som avses där: utforare, utforare_enhet, enhet eller leverantor."),
    ("match reject:target", "ID", "Organisationsnummer eller HSA-id; annars det som hittades."),
    ("match reject:by", "VEM", "Vem som beslutar."),
    ("match reject:operator", "", "Också i avtal som inte är öppna. Det står i granskningsloggen."),
    ("match reopen", "", "Låt tidigare beslut inte gälla längre."),
    ("match reopen:table", "TABELL", "Tabellen: uppdrag, tjanst, vantetid eller upphandling."),
    ("match reopen:key", "NYCKEL", "Radens nyckel där, som listan har den."),
    ("match reopen:role", "ROLL", "Vad som avses där: utforare, utforare_enhet, enhet eller leverantor."),
    ("match reopen:by", "VEM", "Vem som beslutar."),
    ("match reopen:operator", "", "Också i avtal som inte är öppna. Det står i granskningsloggen."),
    (
        "register roles",
        "",
        "Roller i PostgreSQL, så att databasen själv håller isär ägarna: skapa dem och ge dem rättigheter.",
    ),
    ("register roles:print", "", "Skriv bara ut SQL:en, till databasens administratör."),
    ("register roles:prefix", "NAMN", "Början på rollernas namn."),
    ("alerts", "", "Larm: vad som är fel och har sagts, och om mottagarna går att nå."),
    ("alerts list", "", "Vad som är fel just nu och har sagts."),
    ("alerts test", "", "Vem som skulle få veta vad; inget skickas."),
    ("alerts test:send", "", "Skicka ett prov till varje mottagare."),
    ("audit", "", "Revisionsloggen: vem som gjorde vad, och om loggen är orörd."),
    ("audit list", "", "Vad som har gjorts, det senaste sist."),
    ("audit list:limit", "ANTAL", "Så många poster."),
    ("audit list:from", "NUMMER", "Från och med den här posten, i stället för de senaste."),
    ("audit verify", "", "Är loggen som den skrevs?"),
    ("audit verify:anchor", "FIL", "Fil med loggens huvuden, sparad någon annanstans; annars används projektets egen."),
    ("sql", "", "SQL över lakehouse och register: en fråga, eller ett skal."),
    ("sql:statement", "FRÅGA", "Frågan; utan den öppnas ett skal."),
    ("sql:file", "FIL", "Läs frågan ur en fil."),
    (
        "sql:operator",
        "",
        "Se hela registret, också det som är hemligt och kolumner som inte lämnar det. För den som driver installationen.",
    ),
    ("template", "", "Gör en arbetsbok att fylla i, för den som inte har någon databas."),
    ("template:table", "TABELL", "Den nationella tabellen. De som hänger på den följer med."),
    ("template:out", "FIL.xlsx", "Arbetsboken."),
    ("template:region", "LÄNSKOD", "Regionen som fyller i den: då behöver länskoden inte stå på varje rad."),
    ("template:with_job", "", "Skriv även jobben som läser arbetsboken, i regionens mapp."),
    ("template:rows", "ANTAL", "Antal rader som förbereds på varje blad."),
    ("explain", "", "Förklara en regel."),
    ("explain:rule", "REGEL", "Regelns id, som det står på kvittot."),
    ("docs", "", "Referensen: tabeller, regler, funktioner, kopplingar."),
    (
        "docs:topic",
        "SIDA",
        "En tabell, en regel, en funktion, en koppling, eller `tabeller`, `regler`, `funktioner`, `kopplingar`; utan den visas alla.",
    ),
    ("doctor", "", "Säg vad installationen har och saknar."),
    (
        "doctor:deep",
        "",
        "Jämför också huvudbok, register och lakehouse: körning för körning, fil för fil, rad för rad.",
    ),
    (
        "sweep",
        "",
        "Visa vad som får gallras: originalfiler vars tid har gått ut, vad avbrutna körningar lämnat, filer som ersatts.",
    ),
    ("sweep:now", "", "Ta bort det. Annars tas inget bort."),
    ("coverage", "", "Visa hur mycket av varje regions verklighet som registret har: antal, andelar, färskhet."),
    ("coverage:region", "LÄNSKOD", "Bara den regionen, och alla dess tabeller."),
    ("coverage:table", "TABELL", "Bara den tabellen; avtal om inget sägs."),
    ("coverage:all", "", "Alla tabeller som regioner äger."),
    ("retention", "", "Hur länge allt sparas, och vad som är äldre: visa det eller gallra det."),
    ("retention show", "", "Visa hur länge varje zon och tabell sparar det de har, och vad som är äldre."),
    ("retention run", "", "Ta bort det som är äldre, överallt och för gott."),
    ("retention run:now", "", "Ta bort det. Annars tas inget bort."),
    ("person", "", "Vad som finns om en person, och radering där lagen tillåter det."),
    (
        "person extract",
        "",
        "Allt som finns om en person (registerutdrag, dataskyddsförordningen artikel 15). Numret läses från standard in.",
    ),
    ("person extract:file", "FIL", "Läs numret ur en fil i stället."),
    ("person erase", "", "Radera allt om en person, med historik, överallt. Numret läses från standard in."),
    ("person erase:file", "FIL", "Läs numret ur en fil i stället."),
    ("person erase:ground", "GRUND", "På vilken grund: den skrivs ned med raderingen."),
    ("person erase:now", "", "Ta bort det. Annars tas inget bort."),
    ("person again", "", "Radera en gång till det som har raderats: när en säkerhetskopia har lästs tillbaka."),
    ("keys", "", "Nycklarna till landningszon och karantän: vilka som används, och en ny."),
    ("keys list", "", "Lista varje nyckels versioner, och hur många datanycklar var och en har slagit in."),
    (
        "keys rotate",
        "",
        "Slå in alla datanycklar med huvudnyckelns nyaste version, och räkna om registrets hashvärden till pseudonymnyckelns.",
    ),
    (
        "keys rotate:new",
        "NYCKEL",
        "Gör först en ny version, där nyckeln är projektets egen fil: huvudnyckeln, eller den som nämns.",
    ),
    ("project", "", "För lakehouse ikapp det som registret har publicerat."),
    ("backup", "", "Kopiera allt som installationen har skrivit till en ny mapp, medan den är i gång."),
    ("backup:folder", "MAPP", "Mappen; den skapas."),
    ("restore", "", "Läs tillbaka en säkerhetskopia till ett projekt där inget är skrivet än."),
    ("restore:folder", "MAPP", "Mappen som `sluss backup` skrev."),
    ("completions", "", "Skriv ut skalets kompletteringar."),
    ("completions:shell", "SKAL", "Skalet."),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(command: &Command, path: &str, all: &mut Vec<String>) {
        all.push(path.to_owned());
        all.extend(command.get_arguments().map(|arg| format!("{path}:{}", arg.get_id())));
        for sub in command.get_subcommands() {
            keys(sub, format!("{path} {}", sub.get_name()).trim_start(), all);
        }
    }

    #[test]
    fn every_command_and_argument_has_its_swedish_text() {
        let mut all = Vec::new();
        keys(&Cli::command(), "", &mut all);
        let missing: Vec<_> = all.iter().filter(|key| text(key).is_none()).collect();
        assert!(missing.is_empty(), "no text for {missing:?}");
        let own = [":help", ":version"];
        let dead: Vec<_> =
            TEXTS.iter().map(|t| t.0).filter(|t| !own.contains(t) && !all.iter().any(|k| k == t)).collect();
        assert!(dead.is_empty(), "nothing is called {dead:?}");
    }

    #[test]
    fn the_language_is_known_before_the_rest() {
        let of = |line: &str| language(line.split(' ').map(OsString::from));
        assert_eq!(of("sluss run --lang en --halp"), Lang::En);
        assert_eq!(of("sluss --lang=en"), Lang::En);
        assert_eq!(of("sluss --lang sv"), Lang::Sv);
    }
}
