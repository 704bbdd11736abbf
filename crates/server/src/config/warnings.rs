use secrecy::ExposeSecret as _;

use super::{Config, Environment, SECRET_KEY_LEAST_BYTES};

impl Config {
    /// Returns whether requests may come through a proxy that `TRUSTED_PROXIES` does not name.
    ///
    /// Behind such a proxy, all riders look like one client. In `local` on a loopback address, only this
    /// machine connects. On Lambda, API Gateway reports the address of each client.
    #[must_use]
    pub fn lacks_trusted_proxies(&self) -> bool {
        let is_for_this_machine = self.environment == Environment::Local && self.host.is_loopback();
        self.trusted_proxies.is_empty() && !is_for_this_machine && !self.is_on_lambda
    }

    /// Returns a warning for each setting that is accepted, but may be a mistake.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let key = self.secret_key.as_ref();
        let is_weak = key.is_some_and(|key| key.expose_secret().len() < SECRET_KEY_LEAST_BYTES);
        let weak_key = is_weak.then(|| {
            "SECRET_KEY: is shorter than 32 bytes, so that anyone may guess it; outside `local` it is refused"
                .to_owned()
        });
        let mistyped = self.mistyped_keys.iter().map(ToString::to_string);
        weak_key.into_iter().chain(mistyped).collect()
    }
}
