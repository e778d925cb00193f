//! What must hold of every answer, whatever the weights.

use super::super::score::Whose;
use super::super::{
    Called, Decided, Decision, Entity, Found, Index, Kind, Mention, Method, Outcome, Placed, Replaced, Resolver,
    Settings, Sign, Successions, key_of, rows,
};
use super::distort::cases;
use super::luck::Luck;
use super::world::{World, day};

const TODAY: &str = "2026-11-22";

fn unit(id: &str, number: &str, name: &str, kommun: &str) -> Entity {
    Entity {
        kind: Kind::Unit,
        id: id.to_owned(),
        number: Some(number.to_owned()),
        names: vec![Called { name: name.to_owned(), whose: Whose::Own }],
        places: vec![Placed { kommun: Some(kommun.to_owned()), town: None, earlier: false }],
        counties: vec![kommun.get(..2).unwrap().to_owned()],
        from: None,
        till: None,
        person: false,
    }
}

fn organisation(number: &str, name: &str) -> Entity {
    Entity { kind: Kind::Organisation, ..unit(number, number, name, "0580") }
}

fn mention(wants: Kind, id: Option<&str>, name: Option<&str>) -> Mention {
    Mention {
        table: "uppdrag".into(),
        key: "22/A1/1".into(),
        role: "utforare".into(),
        wants: Some(wants),
        id: id.map(str::to_owned),
        name: name.map(str::to_owned),
        day: day(TODAY),
        ..Mention::default()
    }
}

struct Country {
    index: Index,
    settings: Settings,
}

impl Country {
    fn new(entities: Vec<Entity>, replaced: Vec<Replaced>) -> Self {
        let settings = Settings::default();
        Self { index: Index::new(entities, Successions::new(replaced), settings.common), settings }
    }

    fn ask(&self, decided: &Decided, mention: &Mention) -> (Outcome, Option<String>) {
        let outcome = Resolver::new(&self.index, &self.settings, decided, day(TODAY)).resolve(mention);
        let target = outcome.target.and_then(|at| self.index.entity(at)).map(|entity| entity.id.clone());
        (outcome, target)
    }
}

/// A handful of others, so that words are rare.
fn crowd() -> Vec<Entity> {
    let mut world = World::new(5, 300);
    std::mem::take(&mut world.entities)
}

#[test]
fn the_order_of_rows_decides_nothing() {
    let settings = Settings::default();
    let mut world = World::new(31, 800);
    let cases = cases(&mut world, 20);
    let mut answers = Vec::new();
    for seed in 0..3_u64 {
        let (mut entities, mut replaced) = (world.entities.clone(), world.replaced.clone());
        let mut luck = Luck::new(seed);
        for at in (1..entities.len()).rev() {
            entities.swap(at, luck.below(at + 1));
        }
        replaced.reverse();
        let index = Index::new(entities, Successions::new(replaced), settings.common);
        let decided = Decided::default();
        let mut resolver = Resolver::new(&index, &settings, &decided, day(TODAY));
        let mut order: Vec<usize> = (0..cases.len()).collect();
        if seed == 1 {
            order.reverse();
        }
        let mut found: Vec<(usize, Outcome)> =
            order.into_iter().map(|at| (at, resolver.resolve(&cases[at].mention))).collect();
        found.sort_by_key(|(at, _)| *at);
        answers.push(found);
    }
    assert!(answers[0].len() > 200);
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0], answers[2]);
}

#[test]
fn keys_come_first_whatever_names_say_and_case_is_folded() {
    let mut entities = crowd();
    entities.push(unit("SE5999800012-EX01", "5999800012", "Ögonmottagningen Kvarnvreten", "0580"));
    let country = Country::new(entities, Vec::new());
    let none = Decided::default();
    let (outcome, target) =
        country.ask(&none, &mention(Kind::Unit, Some("SE5999800012-EX01"), Some("Något helt annat")));
    assert_eq!((outcome.found, outcome.method), (Found::Exact, Method::Key));
    assert_eq!(target.as_deref(), Some("SE5999800012-EX01"));
    assert!(outcome.signs.contains(&Sign::NameDiffers));
    let (outcome, target) = country.ask(&none, &mention(Kind::Unit, Some("se5999800012-ex01"), None));
    assert_eq!((outcome.found, outcome.method), (Found::Exact, Method::Case));
    assert_eq!(target.as_deref(), Some("SE5999800012-EX01"));
}

#[test]
fn an_id_whose_slip_is_another_unit_is_doubted_where_the_name_says_so() {
    let mut entities = crowd();
    entities.push(unit("SE5999800012-EX01", "5999800012", "Ögonmottagningen Kvarnvreten", "0580"));
    entities.push(unit("SE5999800012-EX07", "5999800012", "Hudkliniken Sjöglimten", "0580"));
    let country = Country::new(entities, Vec::new());
    let mut asked = mention(Kind::Unit, Some("SE5999800012-EX07"), Some("Ögonmott. Kvarnvreten"));
    asked.kommun = Some("0580".into());
    let (outcome, target) = country.ask(&Decided::default(), &asked);
    assert_eq!(outcome.found, Found::Doubtful, "{outcome:?}");
    assert_eq!(target.as_deref(), Some("SE5999800012-EX07"));
    let rival = country.index.entity(outcome.rival.unwrap().target).unwrap();
    assert_eq!(rival.id, "SE5999800012-EX01");
}

#[test]
fn what_replaced_it_is_meant_from_its_day_and_the_name_before_is_known() {
    let mut entities = crowd();
    entities.push(unit("SE5999800012-EX01", "5999800012", "Ögonmottagningen Kvarnvreten", "0580"));
    entities.push(unit("SE5999800012-EX07", "5999800012", "Specialistcentrum Sjöglimten", "0580"));
    let row = Replaced {
        kind: Kind::Unit,
        old: "SE5999800012-EX01".into(),
        new: "SE5999800012-EX07".into(),
        from: Some(day("2024-01-01")),
        till: None,
    };
    let country = Country::new(entities, vec![row]);
    let none = Decided::default();
    let asked = mention(Kind::Unit, Some("SE5999800012-EX01"), None);
    let (outcome, target) = country.ask(&none, &asked);
    assert_eq!((outcome.method, target.as_deref()), (Method::Successor, Some("SE5999800012-EX07")));
    // Of a day before it the old one is meant, and the new one is what it is now.
    let (outcome, target) = country.ask(&none, &Mention { day: day("2023-06-01"), ..asked });
    assert_eq!((outcome.method, target.as_deref()), (Method::Key, Some("SE5999800012-EX01")));
    assert_eq!(country.index.entity(outcome.now.unwrap()).unwrap().id, "SE5999800012-EX07");
    let mut asked = mention(Kind::Unit, None, Some("Ögonmottagningen Kvarnvreten"));
    asked.kommun = Some("0580".into());
    let (outcome, target) = country.ask(&none, &asked);
    assert_eq!((outcome.found, target.as_deref()), (Found::Likely, Some("SE5999800012-EX07")));
    assert!(outcome.signs.contains(&Sign::EarlierName));
    let (outcome, target) = country.ask(&none, &Mention { day: day("2023-06-01"), ..asked });
    assert_eq!((outcome.found, target.as_deref()), (Found::Likely, Some("SE5999800012-EX01")), "{outcome:?}");
}

#[test]
fn a_person_is_found_by_its_key_alone_and_stands_in_no_row() {
    const HASH: &str = "p1-00112233445566778899aabbccddeeff";
    let mut entities = crowd();
    let person = Entity { person: true, ..organisation(HASH, "Kanariefågel Firma") };
    entities.push(person);
    let country = Country::new(entities, Vec::new());
    let none = Decided::default();
    let by_name = mention(Kind::Organisation, None, Some("Kanariefågel Firma"));
    let by_key = mention(Kind::Organisation, Some(HASH), None);
    let unknown = mention(Kind::Organisation, Some("p1-ffffffffffffffffffffffffffffffff"), None);
    let all: Vec<(Mention, Outcome)> =
        [by_name, by_key, unknown].into_iter().map(|m| (m.clone(), country.ask(&none, &m).0)).collect();
    assert_ne!(all[0].1.found, Found::Exact);
    assert!(all[0].1.target.is_none_or(|at| !country.index.entity(at).unwrap().person));
    assert_eq!(all[1].1.found, Found::Exact);
    assert_eq!(all[2].1.found, Found::Nothing);
    let written = format!("{:?}", rows(&country.index, &all, 1).unwrap());
    assert!(written.contains("enskild") && !written.contains("p1-") && !written.contains("Kanarie"), "{written}");
}

#[test]
fn a_decision_stands_before_every_score_and_key() {
    let mut entities = crowd();
    entities.push(organisation("5999800012", "Kvarnvreten Ögon AB"));
    entities.push(organisation("5999800020", "Sjöglimten Hud AB"));
    let country = Country::new(entities, Vec::new());
    let asked = mention(Kind::Organisation, None, Some("Kvarnvreten Ögon"));
    let decision = |target: &str, is_target| Decision {
        key: key_of("uppdrag", "22/A1/1", "utforare").unwrap(),
        is_target,
        target: target.to_owned(),
        decided: day(TODAY),
        by: "prov".into(),
        recorded: None,
        superseded: None,
    };
    assert_eq!(country.ask(&Decided::default(), &asked).1.as_deref(), Some("5999800012"));
    let (outcome, target) = country.ask(&Decided::new([decision("5999800020", true)]), &asked);
    assert_eq!((outcome.found, target.as_deref()), (Found::Decided, Some("5999800020")));
    let (outcome, target) = country.ask(&Decided::new([decision("5999800012", false)]), &asked);
    assert_ne!(target.as_deref(), Some("5999800012"));
    assert!(outcome.signs.contains(&Sign::Decided));
    // What was decided on is gone: a person looks again.
    let (outcome, _) = country.ask(&Decided::new([decision("5999899999", true)]), &asked);
    assert_eq!(outcome.found, Found::Doubtful);
    assert!(outcome.signs.contains(&Sign::Gone));
}

#[test]
fn nothing_without_a_name_is_taken_for_certain() {
    let mut entities = crowd();
    entities.push(organisation("5999800012", "Kvarnvreten Ögon AB"));
    let country = Country::new(entities, Vec::new());
    for id in ["5999800013", "5999800102", "5998800012"] {
        let (outcome, _) = country.ask(&Decided::default(), &mention(Kind::Organisation, Some(id), None));
        assert!(matches!(outcome.found, Found::Doubtful | Found::Nothing), "{id}: {outcome:?}");
    }
}
