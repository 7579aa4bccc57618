extension Schema {
    /// Source: Kubernetes API reference, authorization/v1.
    static let authorization = """
        package io.k8s.api.authorization.v1
        SelfSubjectAccessReview: Asks whether whoever asks may do something.
          1 metadata ObjectMeta! -- Not used.
          2 spec SelfSubjectAccessReviewSpec! -- What is to be done.
          3 status SubjectAccessReviewStatus! -- Whether it is allowed.
        SelfSubjectRulesReview: Asks what whoever asks may do in a namespace.
          1 metadata ObjectMeta! -- Not used.
          2 spec SelfSubjectRulesReviewSpec! -- The namespace.
          3 status SubjectRulesReviewStatus! -- What is allowed.
        SubjectAccessReview: Asks whether somebody may do something.
          1 metadata ObjectMeta! -- Not used.
          2 spec SubjectAccessReviewSpec! -- Who, and what is to be done.
          3 status SubjectAccessReviewStatus! -- Whether it is allowed.
        LocalSubjectAccessReview: Asks whether somebody may do something in one namespace.
          1 metadata ObjectMeta! -- The namespace.
          2 spec SubjectAccessReviewSpec! -- Who, and what is to be done.
          3 status SubjectAccessReviewStatus! -- Whether it is allowed.
        SelfSubjectAccessReviewSpec: What is to be done: one of the two.
          1 resourceAttributes ResourceAttributes? -- Something with a resource.
          2 nonResourceAttributes NonResourceAttributes? -- Something with a path.
        SubjectAccessReviewStatus: Whether something is allowed.
          1 allowed bool! -- Whether it may be done.
          4 denied bool -- Whether it is forbidden whatever others say; otherwise what is not allowed may still be allowed by somebody else.
          2 reason string -- Why.
          3 evaluationError string -- What kept the cluster from looking at everything.
        SelfSubjectRulesReviewSpec: Where.
          1 namespace string -- The namespace.
        SubjectRulesReviewStatus: What somebody may do.
          1 resourceRules [ResourceRule]! -- With resources, in no order.
          2 nonResourceRules [NonResourceRule]! -- With paths, in no order.
          3 incomplete bool! -- Whether there may be more.
          4 evaluationError string -- Why there may be more.
        SubjectAccessReviewSpec: Who, and what is to be done.
          1 resourceAttributes ResourceAttributes? -- Something with a resource.
          2 nonResourceAttributes NonResourceAttributes? -- Something with a path.
          3 user string -- The user's name.
          4 groups [string] -- The user's groups.
          5 extra {[string]} -- More that is known of the user.
          6 uid string -- The user's uid.
        ResourceAttributes: Something to do with a resource.
          1 namespace string -- The namespace; empty for all, or for resources of the whole cluster.
          2 verb string -- get, list, watch, create, update, patch, delete, deletecollection or *.
          3 group string -- The resource's group; * is every one.
          4 version string -- The group's version; * is every one.
          5 resource string -- The resource, such as secrets; * is every one.
          6 subresource string -- The subresource, such as log.
          7 name string -- The object's name; empty for all.
          8 fieldSelector FieldSelectorAttributes? -- Only for objects with such fields.
          9 labelSelector LabelSelectorAttributes? -- Only for objects with such labels.
        NonResourceAttributes: Something to do with a path.
          1 path string -- The path.
          2 verb string -- The verb, such as get.
        ResourceRule: Verbs that are allowed on resources.
          1 verbs [string]! -- The verbs; * is every one.
          2 apiGroups [string] -- The groups; * is every one.
          3 resources [string] -- The resources; * is every one.
          4 resourceNames [string] -- The names; empty for all.
        NonResourceRule: Verbs that are allowed on paths.
          1 verbs [string]! -- The verbs; * is every one.
          2 nonResourceURLs [string] -- The paths; a * may stand at the end.
        FieldSelectorAttributes
          1 rawSelector string
          2 requirements [FieldSelectorRequirement] atomic
        LabelSelectorAttributes
          1 rawSelector string
          2 requirements [LabelSelectorRequirement] atomic
        """
}
