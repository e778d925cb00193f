//! Positions in Sweden: RT 90 2.5 gon V, SWEREF 99 TM and WGS 84 (Lantmäteriet; EPSG 3021, 3006, 4326).

use std::sync::LazyLock;

use proj4rs::proj::Proj;
use proj4rs::transform::transform;

use crate::reading::Reading;
use crate::value::typography::{is_blank, trim};

/// Not a position in Sweden.
pub const FELAKTIG: &str = "felaktig_position";

/// A position in both national systems, whatever it was written in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Position {
    /// SWEREF 99 TM, metres north.
    pub sweref99_n: f64,
    /// SWEREF 99 TM, metres east.
    pub sweref99_e: f64,
    /// WGS 84, degrees north. (SWEREF 99 and WGS 84 differ by less than a metre.)
    pub latitude: f64,
    /// WGS 84, degrees east.
    pub longitude: f64,
}

/// The system that a position is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Referens {
    /// RT 90 2.5 gon V: X is north, Y is east.
    Rt90,
    /// SWEREF 99 TM.
    Sweref99,
    /// WGS 84 or SWEREF 99, degrees.
    Wgs84,
}

impl Referens {
    /// The system in which (north, east) lies in Sweden: their ranges do not meet.
    pub fn of(north: f64, east: f64) -> Option<Self> {
        const NORTH: std::ops::RangeInclusive<f64> = 6_100_000.0..=7_700_000.0;
        if NORTH.contains(&north) && (1_200_000.0..=1_900_000.0).contains(&east) {
            Some(Self::Rt90)
        } else if NORTH.contains(&north) && (250_000.0..=950_000.0).contains(&east) {
            Some(Self::Sweref99)
        } else if (55.0..=69.2).contains(&north) && (10.5..=24.3).contains(&east) {
            Some(Self::Wgs84)
        } else {
            None
        }
    }
}

/// Reads a position: `X: 6402006, Y: 1270642`, `6397633 318711`, `57.68433, 11.95908`. The system is
/// told by the size of the numbers; east before north is a repair. Fails with `felaktig_position`.
pub fn read(text: &str) -> Reading<Position> {
    read_where(text, |_| true)
}

/// As [`read`], for a column that holds RT 90 only.
pub fn read_rt90(text: &str) -> Reading<Position> {
    read_where(text, |system| system == Referens::Rt90)
}

/// The position (north, east) of `system`; none where it is not in Sweden.
pub fn position(system: Referens, north: f64, east: f64) -> Option<Position> {
    let systems = SYSTEMS.as_ref()?;
    if Referens::of(north, east) != Some(system) {
        return None;
    }
    let from = match system {
        Referens::Rt90 => &systems.rt90,
        Referens::Sweref99 => &systems.sweref99,
        Referens::Wgs84 => &systems.wgs84,
    };
    let to = |target: &Proj| {
        let start =
            if system == Referens::Wgs84 { (east.to_radians(), north.to_radians(), 0.0) } else { (east, north, 0.0) };
        let mut point = start;
        if system != Referens::Sweref99 || !std::ptr::eq(target, from) {
            transform(from, target, &mut point).ok()?;
        }
        (point.0.is_finite() && point.1.is_finite()).then_some(point)
    };
    let metres = to(&systems.sweref99)?;
    let (latitude, longitude) = match system {
        Referens::Wgs84 => (north, east),
        _ => to(&systems.wgs84).map(|p| (p.1.to_degrees(), p.0.to_degrees()))?,
    };
    Some(Position { sweref99_n: metres.1, sweref99_e: metres.0, latitude, longitude })
}

fn read_where(text: &str, wanted: impl Fn(Referens) -> bool) -> Reading<Position> {
    let trimmed = trim(text);
    if trimmed.is_empty() {
        return Reading::Empty;
    }
    let Some((a, b)) = two_numbers(trimmed) else { return Reading::Unreadable(FELAKTIG) };
    let (system, north, east, swapped) = match (Referens::of(a, b), Referens::of(b, a)) {
        (Some(system), _) => (system, a, b, false),
        (None, Some(system)) => (system, b, a, true),
        (None, None) => return Reading::Unreadable(FELAKTIG),
    };
    match position(system, north, east).filter(|_| wanted(system)) {
        Some(position) if swapped || trimmed.len() != text.len() => Reading::Repaired(position),
        Some(position) => Reading::Clean(position),
        None => Reading::Unreadable(FELAKTIG),
    }
}

struct Systems {
    rt90: Proj,
    sweref99: Proj,
    wgs84: Proj,
}

/// Lantmäteriet's seven parameters from RT 90 to SWEREF 99 (EPSG 1895), signs as in PROJ.
static SYSTEMS: LazyLock<Option<Systems>> = LazyLock::new(|| {
    Some(Systems {
        rt90: Proj::from_proj_string(
            "+proj=tmerc +lat_0=0 +lon_0=15.8082777777778 +k=1 +x_0=1500000 +y_0=0 +ellps=bessel \
             +towgs84=414.1,41.3,603.1,-0.855,2.141,-7.023,0 +units=m +no_defs",
        )
        .ok()?,
        sweref99: Proj::from_proj_string("+proj=utm +zone=33 +ellps=GRS80 +towgs84=0,0,0,0,0,0,0 +units=m +no_defs")
            .ok()?,
        wgs84: Proj::from_proj_string("+proj=longlat +ellps=GRS80 +towgs84=0,0,0,0,0,0,0 +no_defs").ok()?,
    })
});

/// The two numbers of a text with labels around them: with decimal points, else with commas.
fn two_numbers(text: &str) -> Option<(f64, f64)> {
    let labels = |c: char| {
        c.is_alphabetic() || is_blank(c) || matches!(c, ':' | '=' | ',' | ';' | '°' | '/' | '(' | ')' | '.' | '0'..='9')
    };
    if text.len() > 80 || !text.chars().all(labels) {
        return None;
    }
    numbers(text, '.').or_else(|| numbers(text, ','))
}

fn numbers(text: &str, point: char) -> Option<(f64, f64)> {
    let mut found = text
        .split(|c: char| !(c.is_ascii_digit() || c == point))
        .map(|n| n.trim_end_matches(point))
        .filter(|n| n.contains(|c: char| c.is_ascii_digit()));
    let (first, second) = (found.next()?, found.next()?);
    let number = |text: &str| text.replacen(point, ".", 1).parse::<f64>().ok();
    if found.next().is_some() { None } else { Some((number(first)?, number(second)?)) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::identifier::real;

    /// RT 90 north and east; SWEREF 99 TM north and east, latitude and longitude by pyproj 3.7.2
    /// (PROJ 9.5.1). The first three are units of Göteborg, the others lie all over the country.
    const REFERENCE: [(f64, f64, f64, f64, f64, f64); 10] = [
        (6_402_006.0, 1_270_642.0, 6_397_633.402, 318_710.896, 57.684_326_7, 11.959_078_2),
        (6_401_634.0, 1_270_881.0, 6_397_264.512, 318_954.150, 57.681_115_7, 11.963_428_9),
        (6_401_991.0, 1_264_206.0, 6_397_541.843, 312_279.722, 57.680_869_8, 11.851_456_7),
        (6_580_822.0, 1_628_293.0, 6_580_649.901, 674_033.511, 59.328_687_3, 18.059_077_4),
        (6_167_000.0, 1_323_000.0, 6_163_405.181, 373_795.216, 55.600_202_0, 12.996_923_6),
        (7_083_000.0, 1_441_000.0, 7_080_299.085, 480_606.216, 63.849_459_3, 14.605_616_3),
        (7_170_000.0, 1_720_000.0, 7_170_800.903, 758_394.623, 64.563_422_3, 20.396_697_1),
        (7_530_000.0, 1_685_000.0, 7_530_244.726, 718_766.442, 67.804_382_3, 20.194_354_5),
        (6_387_000.0, 1_660_000.0, 6_387_263.448, 708_056.958, 57.579_777_5, 18.480_119_3),
        (6_250_000.0, 1_500_000.0, 6_248_423.446, 549_729.604, 56.377_831_0, 15.805_243_8),
    ];

    #[test]
    fn within_centimetres_of_pyproj() {
        let mut worst = 0.0_f64;
        for (x, y, n, e, lat, lon) in REFERENCE {
            let p = position(Referens::Rt90, x, y).unwrap();
            let metres = (p.sweref99_n - n).hypot(p.sweref99_e - e);
            let degrees =
                ((p.latitude - lat) * 111_000.0).hypot((p.longitude - lon) * 111_000.0 * lat.to_radians().cos());
            worst = worst.max(metres).max(degrees);
        }
        println!("worst: {worst:.4} m");
        assert!(worst < 0.05, "{worst} m");
    }

    #[test]
    fn the_systems_agree_with_each_other() {
        for (_, _, n, e, lat, lon) in REFERENCE {
            let from_metres = position(Referens::Sweref99, n, e).unwrap();
            let from_degrees = position(Referens::Wgs84, lat, lon).unwrap();
            assert!((from_metres.latitude - lat).abs() < 1e-6 && (from_metres.longitude - lon).abs() < 1e-6);
            assert!((from_degrees.sweref99_n - n).abs() < 0.05 && (from_degrees.sweref99_e - e).abs() < 0.05);
        }
    }

    #[test]
    fn notations() {
        let is = position(Referens::Rt90, 6_402_006.0, 1_270_642.0).unwrap();
        for text in [
            "X: 6402006, Y: 1270642",
            "6402006,1270642",
            "6402006 1270642",
            "x=6402006;y=1270642",
            "6402006.0, 1270642.0",
            "X 6402006,0 Y 1270642,0",
        ] {
            assert_eq!(read(text), Reading::Clean(is), "{text}");
            assert_eq!(read_rt90(text), Reading::Clean(is), "{text}");
        }
        for text in ["Y: 1270642, X: 6402006", " X: 6402006, Y: 1270642 "] {
            assert_eq!(read(text), Reading::Repaired(is), "{text}");
        }
        for text in [
            "57.6843267, 11.9590782",
            "57,6843267 11,9590782",
            "57,6843267, 11,9590782",
            "Lat: 57.6843267° Long: 11.9590782°",
            "57.6843267,11.9590782",
        ] {
            let p = read(text).value().unwrap();
            assert!(
                (p.sweref99_n - is.sweref99_n).abs() < 0.05 && (p.sweref99_e - is.sweref99_e).abs() < 0.05,
                "{text}"
            );
            assert_eq!(read_rt90(text), Reading::Unreadable(FELAKTIG));
        }
        for bad in [
            "6402006",
            "X: , Y:",
            "0, 0",
            "1, 2, 3",
            "6402006, 2270642",
            "-57.68, 11.95",
            "90, 180",
            "57°41'3\" 11°57'33\"",
            "å",
            "X: 64020061, Y: 1270642",
        ] {
            assert_eq!(read(bad), Reading::Unreadable(FELAKTIG), "{bad}");
        }
        assert_eq!(read(" "), Reading::Empty);
    }

    #[test]
    fn every_position_of_goteborgs_units_is_in_goteborg() {
        let Some(xml) = real::text("hsa-vgr/vardcentralerGoteborg.xml") else { return };
        let positions: Vec<_> = xml.split(['<', '>']).filter(|t| t.starts_with("X: ")).map(read).collect();
        assert_eq!(positions.len(), 44);
        for p in positions {
            let Reading::Clean(p) = p else { panic!("not clean") };
            assert!((57.6..57.8).contains(&p.latitude) && (11.7..12.1).contains(&p.longitude));
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC*", near in "[XYxyNE:= ]{0,3}[0-9.,]{0,12}[,; ]{0,2}[YE:= ]{0,3}[0-9.,]{0,12}") {
            let _ = (read(&text), read(&near), read_rt90(&near));
        }

        #[test]
        fn every_number_is_answered(north: f64, east: f64) {
            for system in [Referens::Rt90, Referens::Sweref99, Referens::Wgs84] {
                let _ = position(system, north, east);
            }
        }
    }
}
