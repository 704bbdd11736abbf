//! Spellings of one address.

use kairos_domain::store::{StoreError, Unique};

use crate::fixtures::World;

pub(crate) async fn addresses_are_compared_by_their_keys(world: &World) {
    let user = world.user("ÄNN@Straße.example");
    let registration = world.registration(&user);
    world.store.register_user(&registration).await.unwrap();
    for spelling in [
        "änn@STRAßE.example",
        "a\u{308}nn@xn--strae-oqa.example",
        "änn@ｓtraße．example",
        "Änn@XN--STRAE-OQA.EXAMPLE",
    ] {
        let same = world.user(spelling);
        let refused = world.store.register_user(&world.registration(&same)).await;
        assert!(matches!(refused, Err(StoreError::Conflict(Unique::Email))));
        let found = world.store.user_by_email(&same.email.key()).await.unwrap();
        assert_eq!(found.unwrap().email.as_str(), "ÄNN@Straße.example");
    }
}
