//! Suspending and resuming a tenant while a logged-in user works without a pause.

use crate::arguments::Effort;
use crate::ground::{Ground, POOL};
use crate::measure::{Contest, interleaved};
use crate::rows::Findings;
use crate::table::{Goal, Row};
use crate::tenants::{Access, Made, PASSWORD};
use anyhow::{Context as _, Result, ensure};
use e2e::Visitor;
use reqwest::Method;
use serde_json::json;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

/// How long the user works before and after a call.
const BEFORE: Duration = Duration::from_millis(150);
/// How long a change may take to reach the user.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long the described system's way of suspending is watched.
const WATCHED: Duration = Duration::from_secs(5);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Refused,
    LastServed,
    SuspendCall,
    ServedAgain,
    ResumeCall,
}

pub(crate) async fn run(ground: &Ground, effort: Effort) -> Result<Findings> {
    ground.set_pool(POOL).await?;
    let made = ground.make(Access::Password).await?;
    let mut user = ground.installation.visitor(&made.subdomain)?;
    ensure!(
        user.log_in(&made.login(), PASSWORD).await?,
        "the user cannot log in"
    );
    ground.rest(0).await?;
    let mut times = Contest::new();
    let mut late = 0;
    for verb in interleaved(effort.samples(10, 30), &["suspend"]).flat_map(|verb| [verb, "resume"]) {
        late += one(ground, &made, &user, verb, &mut times).await?;
    }
    let described = described_way(ground, &made, &user).await?;
    ground.remove(&made).await?;
    ground.purge_deleted().await?;
    let row = |what: &str, way: What| -> Result<Row> { Ok(Row::time(what, times.figure(&way)?)) };
    let rows = vec![
        row("suspend: call sent to a logged-in user refused", What::Refused)?
            .beside_words(described)
            .goal(Goal::P99(100.0)),
        row("suspend: call sent to the last request served", What::LastServed)?,
        row("suspend: call sent to its answer", What::SuspendCall)?,
        row("resume: call sent to the same user served", What::ServedAgain)?,
        row("resume: call sent to its answer", What::ResumeCall)?,
    ];
    let remark = (late > 0).then(|| format!("{late} requests were served after one had been refused."));
    Ok(Findings {
        rows,
        remarks: remark.into_iter().collect(),
        ..Findings::default()
    })
}

/// Suspends or resumes a tenant and waits for the answer.
pub(crate) async fn set(ground: &Ground, subdomain: &str, verb: &str) -> Result<()> {
    let path = format!("/api/tenants/{subdomain}/{verb}");
    ground
        .api
        .ask(Method::POST, &path, Some(&json!({})))
        .await?
        .expect(200)?;
    Ok(())
}

/// One call while the user works. Returns how many requests were served after one had been refused.
async fn one(
    ground: &Ground,
    made: &Made,
    user: &Visitor,
    verb: &str,
    times: &mut Contest<What>,
) -> Result<usize> {
    let work = Work::begin(user);
    sleep(BEFORE).await;
    let sent = Instant::now();
    set(ground, &made.subdomain, verb).await?;
    let call = sent.elapsed();
    let wanted = if verb == "suspend" {
        Met::Refused
    } else {
        Met::Served
    };
    let requests = work.until(wanted).await?;
    let after = |request: &&Request| request.answered > sent;
    let first = requests
        .iter()
        .filter(after)
        .find(|request| request.met == wanted);
    let first = first.context("the change never reached the user")?.answered;
    if verb == "resume" {
        times.of(What::ServedAgain).push_time(first - sent);
        times.of(What::ResumeCall).push_time(call);
        return Ok(0);
    }
    let served = requests
        .iter()
        .filter(after)
        .filter(|request| request.met == Met::Served);
    let last = served.clone().map(|request| request.answered).max();
    times.of(What::Refused).push_time(first - sent);
    times
        .of(What::LastServed)
        .push_time(last.map_or(Duration::ZERO, |last| last - sent));
    times.of(What::SuspendCall).push_time(call);
    Ok(served.filter(|request| request.sent > first).count())
}

/// What the described system does in place of suspending, watched for some seconds.
async fn described_way(ground: &Ground, made: &Made, user: &Visitor) -> Result<String> {
    let postgres = ground.installation.postgres();
    let set = |active: bool| {
        format!(
            "UPDATE res_users SET active = {active} WHERE login = '{}'",
            made.login()
        )
    };
    postgres.run(&made.database(), &set(false)).await?;
    let work = Work::begin(user);
    sleep(WATCHED).await;
    let requests = work.end().await?;
    postgres.run(&made.database(), &set(true)).await?;
    let served = requests
        .iter()
        .filter(|request| request.met == Met::Served)
        .count();
    let (all, seconds) = (requests.len(), WATCHED.as_secs());
    Ok(format!(
        "the described system (`active = false`): {served} of {all} requests served in {seconds} s"
    ))
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Met {
    Served,
    Refused,
    Other,
}

#[derive(Clone, Copy, Debug)]
struct Request {
    sent: Instant,
    answered: Instant,
    met: Met,
}

/// A user at work: one request after the other, without a pause.
struct Work {
    stop: watch::Sender<bool>,
    last: watch::Receiver<Option<Met>>,
    task: JoinHandle<Result<Vec<Request>>>,
}

impl Work {
    fn begin(user: &Visitor) -> Self {
        let (stop, stopped) = watch::channel(false);
        let (tell, last) = watch::channel(None);
        // A session's own cookie may change with an answer; the next measurement begins with the one from the login.
        let mut user = user.clone();
        let task = tokio::spawn(async move {
            let mut requests = Vec::new();
            while !*stopped.borrow() {
                let sent = Instant::now();
                let met = ask(&mut user).await?;
                let answered = Instant::now();
                requests.push(Request { sent, answered, met });
                tell.send_replace(Some(met));
            }
            Ok(requests)
        });
        Self { stop, last, task }
    }

    /// Lets the user work on until requests end as wanted, and a moment longer.
    async fn until(mut self, wanted: Met) -> Result<Vec<Request>> {
        let reached = timeout(PATIENCE, self.last.wait_for(|last| *last == Some(wanted))).await;
        let reached = reached.is_ok_and(|reached| reached.is_ok());
        sleep(BEFORE).await;
        let requests = self.end().await?;
        ensure!(reached, "the user was not {wanted:?} within {PATIENCE:?}");
        Ok(requests)
    }

    /// Lets the user stop.
    async fn end(self) -> Result<Vec<Request>> {
        self.stop.send_replace(true);
        self.task.await?
    }
}

/// Asks for what every page of the back office begins with.
async fn ask(user: &mut Visitor) -> Result<Met> {
    let body = r#"{"jsonrpc":"2.0","method":"call","params":{},"id":1}"#.to_owned();
    let page = user
        .post("/web/session/get_session_info", "application/json", body)
        .await?;
    Ok(match page.status.as_u16() {
        402 => Met::Refused,
        200 if page.text.contains("\"uid\": ") && !page.text.contains("\"uid\": null") => Met::Served,
        _ => Met::Other,
    })
}
