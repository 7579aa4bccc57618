extension Schema {
    /// Source: Kubernetes API reference, authentication/v1.
    static let authentication = """
        package io.k8s.api.authentication.v1
        TokenRequest
          1 metadata ObjectMeta!
          2 spec TokenRequestSpec!
          3 status TokenRequestStatus!
        TokenReview
          1 metadata ObjectMeta!
          2 spec TokenReviewSpec!
          3 status TokenReviewStatus!
        TokenRequestSpec
          1 audiences [string]!
          4 expirationSeconds int64?!
          3 boundObjectRef BoundObjectReference?!
        TokenRequestStatus
          1 token string!
          2 expirationTimestamp time!
        TokenReviewSpec
          1 token string
          2 audiences [string]
        TokenReviewStatus
          1 authenticated bool
          2 user UserInfo!
          4 audiences [string]
          3 error string
        BoundObjectReference
          1 kind string
          2 apiVersion string
          3 name string
          4 uid string
        UserInfo
          1 username string
          2 uid string
          3 groups [string]
          4 extra {[string]}
        SelfSubjectReview
          1 metadata ObjectMeta!
          2 status SelfSubjectReviewStatus!
        SelfSubjectReviewStatus
          1 userInfo UserInfo!
        """
}
