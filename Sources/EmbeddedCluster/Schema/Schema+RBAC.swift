extension Schema {
    /// Source: Kubernetes API reference, rbac/v1.
    static let rbac = """
        package io.k8s.api.rbac.v1
        Role: Rights in one namespace. A RoleBinding gives them to somebody.
          1 metadata ObjectMeta! -- The object's name, labels and the like.
          2 rules [PolicyRule]! -- What is allowed. Nothing is ever forbidden by a rule.
        RoleBinding: Gives the rights of a Role, or of a ClusterRole, to somebody in one namespace.
          1 metadata ObjectMeta! -- The object's name, labels and the like.
          2 subjects [Subject] -- Who gets the rights.
          3 roleRef RoleRef! -- The Role or ClusterRole. It cannot be changed.
        ClusterRole: Rights in the whole cluster, or in each namespace that a RoleBinding gives them in.
          1 metadata ObjectMeta! -- The object's name, labels and the like.
          2 rules [PolicyRule]! -- What is allowed. Nothing is ever forbidden by a rule.
          3 aggregationRule AggregationRule? -- Takes the rules of other ClusterRoles, so that rules of its own are overwritten.
        ClusterRoleBinding: Gives the rights of a ClusterRole to somebody in the whole cluster.
          1 metadata ObjectMeta! -- The object's name, labels and the like.
          2 subjects [Subject] -- Who gets the rights.
          3 roleRef RoleRef! -- The ClusterRole. It cannot be changed.
        PolicyRule: Allows some verbs on some resources, or on some paths.
          1 verbs [string]! -- What may be done: get, list, watch, create, update, patch, delete, deletecollection; * is everything.
          2 apiGroups [string] -- The groups of the resources; "" is the group of Secrets, Pods and the like, * is every group.
          3 resources [string] -- The resources, such as secrets or pods/log; * is every one.
          4 resourceNames [string] -- The names that it is about; empty for all. Creating and listing cannot be allowed by name.
          5 nonResourceURLs [string] -- Paths that are about no resources, such as /healthz; a * may stand at the end. In ClusterRoles only.
        Subject: Who gets the rights of a role.
          1 kind string! -- User, Group or ServiceAccount.
          2 apiGroup string -- "" for a ServiceAccount, otherwise rbac.authorization.k8s.io.
          3 name string! -- The name of the user, group or account.
          4 namespace string -- The namespace of a ServiceAccount.
        RoleRef: The role that a binding gives.
          1 apiGroup string! -- rbac.authorization.k8s.io.
          2 kind string! -- Role or ClusterRole.
          3 name string! -- Its name.
        AggregationRule: From which ClusterRoles another one takes its rules.
          1 clusterRoleSelectors [LabelSelector] -- Chooses them by their labels; one selector that matches is enough.
        """
}
