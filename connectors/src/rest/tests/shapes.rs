//! The ready examples, against servers that answer in the shape of the real ones.

use serde_json::json;

use super::{column, options, read};
use crate::http::testing::{Reply, Server};

#[tokio::test]
async fn kolada_v3() {
    let server = Server::start(|request, _| {
        let host = request.header("host");
        let kpi = request.path.split('/').nth(4).unwrap_or_default().to_owned();
        let value = |period: u32, gender: &str, value: &str| {
            format!(
                r#"{{"gender":"{gender}","count":1,"status":"","value":{value},"isdeleted":false,"period":{period}}}"#
            )
        };
        let rows = |period: u32| {
            format!(
                r#"{{"kpi":"{kpi}","municipality":"0014","period":{period},"values":[{},{}]}}"#,
                value(period, "T", "84.3"),
                value(period, "K", "null")
            )
        };
        let next = if request.parameter("page") == "2" || kpi == "N79002" {
            "null".to_owned()
        } else {
            format!(r#""http://{host}{}?page=2&per_page=1""#, request.path)
        };
        let period = if request.parameter("page") == "2" { 2025 } else { 2024 };
        Reply::json(format!(r#"{{"values":[{}],"count":1,"next_url":{next},"previous_url":null}}"#, rows(period)))
    })
    .await;
    let more = json!({
        "each": { "kpi": ["N79001", "N79002"] },
        "rows": "values[*].values[*]",
        "columns": { "kommun": "../municipality", "period": "../period", "kon": "gender", "varde": "value" },
        "paging": { "next_url": { "path": "next_url" } },
    });
    let (chunks, error) = read(&options(&server, "/v3/data/kpi/{kpi}/municipality/0014", more), None).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(column(&chunks, "kpi"), ["N79001", "N79001", "N79001", "N79001", "N79002", "N79002"]);
    assert_eq!(column(&chunks, "period"), ["2024", "2024", "2025", "2025", "2024", "2024"]);
    assert_eq!(column(&chunks, "kon"), ["T", "K", "T", "K", "T", "K"]);
    assert_eq!(
        column(&chunks, "varde")[..2],
        ["84.3".to_owned(), "-".to_owned()],
        "a number keeps its digits, null is null"
    );
    assert_eq!(column(&chunks, "kommun")[0], "0014");
}

#[tokio::test]
async fn socialstyrelsen() {
    let server = Server::start(|request, _| {
        assert_eq!(request.parameter("per_sida"), "5000");
        let page: u32 = request.parameter("sida").parse().unwrap();
        let row = |n: u32| format!(r#"{{"mattId":1,"regionId":{},"konId":3,"ar":2025,"varde":"{n},5"}}"#, n % 25);
        let rows: Vec<String> = ((page - 1) * 5000..(page * 5000).min(12_345)).map(row).collect();
        Reply::json(format!(r#"{{"sida":{page},"per_sida":5000,"sidor":3,"data":[{}]}}"#, rows.join(",")))
    })
    .await;
    let more = json!({
        "each": { "amne": ["slutenvarden"] },
        "rows": "data[*]",
        "columns": { "region": "regionId", "ar": "ar", "varde": "varde" },
        "paging": { "page": { "parameter": "sida", "size_parameter": "per_sida", "size": 5000, "pages": "sidor" } },
    });
    let (chunks, error) = read(&options(&server, "/api/v1/sv/{amne}/resultat/matt/1", more), None).await;
    assert!(error.is_none(), "{error:?}");
    let values = column(&chunks, "varde");
    assert_eq!((values.len(), values[0].as_str(), values[12_344].as_str()), (12_345, "0,5", "12344,5"));
    assert_eq!((column(&chunks, "amne")[0].as_str(), server.seen().len()), ("slutenvarden", 3));
}
