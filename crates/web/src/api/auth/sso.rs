//! `/api/auth/sso`: signing in with an identity provider, and the providers of one's own account.

use crate::App;
use crate::client::Asking;
use crate::cookies::Cookies;
use crate::identity::Known;
use crate::input::{Query, Segment};
use crate::openapi::Problems;
use crate::origin::OwnPage;
use crate::problem::{Answer, Failure, Kind};
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use control::{ControlError, SignOnStart};
use domain::ProviderId;
use serde::Deserialize;
use wire::Plaintext;
use wire::sso::{BackChannelLogout, LinkedProviders, OfferedProviders, SignOnBegun};

/// For whom providers are offered.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OfferQuery {
    domain: Option<String>,
}

/// Lists the providers that are offered at sign-in: the staff's, and those for addresses of a domain.
#[utoipa::path(get, path = "/api/auth/sso", tag = "auth", security(()),
    params(("domain" = Option<String>, Query, description = "What stands behind the @ of an address.")),
    responses((status = 200, body = OfferedProviders), Problems))]
pub(crate) async fn offered(
    State(app): State<App>,
    Query(query): Query<OfferQuery>,
) -> Answer<Json<OfferedProviders>> {
    let items = app.control.offered_providers(query.domain.as_deref()).await?;
    Ok(Json(OfferedProviders { items }))
}

/// Begins a sign-in at a provider: the browser goes on to `url`.
#[utoipa::path(post, path = "/api/auth/sso/{provider}/start", tag = "auth", security(()),
    params(("provider" = String, Path)), responses((status = 200, body = SignOnBegun), Problems))]
pub(crate) async fn start(
    State(app): State<App>,
    _: OwnPage,
    Asking(client): Asking,
    Segment(id): Segment<ProviderId>,
    headers: HeaderMap,
) -> Answer<Response> {
    let cookies = Cookies::of(&app.control.settings().panel);
    let kept = cookies.browser(&headers);
    let kept = kept.as_ref().map(Plaintext::expose);
    let begun = app.control.start_sign_on(&client, id, kept).await?;
    Ok(sent_on(cookies, begun))
}

/// Begins to add a provider to one's own account: the browser goes on to `url`.
#[utoipa::path(post, path = "/api/auth/sso/{provider}/link", tag = "auth", params(("provider" = String, Path)),
    responses((status = 200, body = SignOnBegun), Problems))]
pub(crate) async fn link(
    State(app): State<App>,
    Known(caller): Known,
    Asking(client): Asking,
    Segment(id): Segment<ProviderId>,
    headers: HeaderMap,
) -> Answer<Response> {
    let cookies = Cookies::of(&app.control.settings().panel);
    let kept = cookies.browser(&headers);
    let kept = kept.as_ref().map(Plaintext::expose);
    let begun = app.control.start_link(&caller, &client, id, kept).await?;
    Ok(sent_on(cookies, begun))
}

fn sent_on(cookies: Cookies, begun: SignOnStart) -> Response {
    let mut response = Json(SignOnBegun { url: begun.url }).into_response();
    cookies.set_browser(response.headers_mut(), &begun.browser, begun.seconds);
    response
}

/// A provider tells that somebody signed out there: the sessions that it opened for them end.
#[utoipa::path(post, path = "/api/auth/sso/{provider}/logout", tag = "auth", security(()),
    params(("provider" = String, Path)),
    request_body(content = BackChannelLogout, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "Obeyed."), Problems))]
pub(crate) async fn logout(
    State(app): State<App>,
    Asking(client): Asking,
    Segment(id): Segment<ProviderId>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<StatusCode> {
    let form = headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"application/x-www-form-urlencoded"));
    if !form {
        return Err(Failure::of(Kind::LogoutToken));
    }
    let form: BackChannelLogout =
        serde_urlencoded::from_bytes(&body).map_err(|_| Failure::of(Kind::LogoutToken))?;
    let token = form.logout_token.expose();
    match app.control.back_channel_logout(&client, id, token).await {
        Ok(_) => Ok(StatusCode::OK),
        // The standard wants one status for every token that is not obeyed.
        Err(ControlError::SignOn(refusal))
            if Failure::from(ControlError::SignOn(refusal)).kind() == Kind::SignOn =>
        {
            Err(Failure::of(Kind::LogoutToken))
        }
        Err(error) => Err(error.into()),
    }
}

/// Lists the providers that one can sign in with.
#[utoipa::path(get, path = "/api/auth/identities", tag = "auth",
    responses((status = 200, body = LinkedProviders), Problems))]
pub(crate) async fn identities(
    State(app): State<App>,
    Known(caller): Known,
) -> Answer<Json<LinkedProviders>> {
    let items = app.control.linked_providers(&caller).await?;
    Ok(Json(LinkedProviders { items }))
}

/// Takes a provider out of one's own account; the sessions that it opened end.
#[utoipa::path(delete, path = "/api/auth/identities/{provider}", tag = "auth", params(("provider" = String, Path)),
    responses((status = 204, description = "Taken out."), Problems))]
pub(crate) async fn unlink(
    State(app): State<App>,
    Known(caller): Known,
    Segment(id): Segment<ProviderId>,
) -> Answer<StatusCode> {
    app.control.unlink_provider(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
