extension Schema {
    /// Source: Kubernetes API reference, authentication/v1.
    static let authentication = """
        package io.k8s.api.authentication.v1
        TokenRequest: Asks for a token of a ServiceAccount, and is answered with it.
          1 metadata ObjectMeta! -- The account's name and the like.
          2 spec TokenRequestSpec! -- What the token is to be.
          3 status TokenRequestStatus! -- The token.
        TokenReview: Asks whose token this is.
          1 metadata ObjectMeta! -- Not used.
          2 spec TokenReviewSpec! -- The token.
          3 status TokenReviewStatus! -- Whose it is.
        TokenRequestSpec: What a token is to be.
          1 audiences [string]! -- For whom it is meant; whoever is not named must not accept it. Empty: the cluster itself.
          4 expirationSeconds int64?! -- How long it is good; the cluster may decide otherwise.
          3 boundObjectRef BoundObjectReference?! -- An object with which the token ends.
        TokenRequestStatus: A token that was issued.
          1 token string! -- The token, to be sent as 'Authorization: Bearer TOKEN'.
          2 expirationTimestamp time! -- When it ends.
        TokenReviewSpec: A token that somebody showed.
          1 token string -- The token.
          2 audiences [string] -- For whom the token should be meant.
        TokenReviewStatus: Whose token it is.
          1 authenticated bool -- Whether it is good.
          2 user UserInfo! -- Whose it is.
          4 audiences [string] -- For whom of those asked for it is meant.
          3 error string -- Why it could not be looked at.
        BoundObjectReference: The object that a token is bound to.
          1 kind string -- Pod, Secret or Node.
          2 apiVersion string -- Its group and version.
          3 name string -- Its name.
          4 uid string -- Its uid.
        UserInfo: Somebody who is known to the cluster.
          1 username string -- The name, alone among all users.
          2 uid string -- Tells users of the same name apart over time.
          3 groups [string] -- The groups that the user is in.
          4 extra {[string]} -- More that is known, by name.
        SelfSubjectReview: Asks who is asking.
          1 metadata ObjectMeta! -- Not used.
          2 status SelfSubjectReviewStatus! -- Who is asking.
        SelfSubjectReviewStatus: Who is asking.
          1 userInfo UserInfo! -- What the cluster knows of the user.
        """
}
