extension Schema {
    /// Source: Kubernetes API reference, core/v1, without Pods.
    static let core = """
        package io.k8s.api.core.v1
        Namespace: A space for names, in which most objects are. Deleting it deletes everything in it.
          1 metadata ObjectMeta! -- The object's name, labels and the like.
          2 spec NamespaceSpec! -- What is wanted of the namespace.
          3 status NamespaceStatus! -- How far the namespace is.
        Secret: A few values that are not for everybody, such as passwords, keys and Terraform states; one MiB at most.
          1 metadata ObjectMeta! -- The object's name, labels and the like.
          5 immutable bool? -- Whether the values may no longer change. Once true it stays so.
          2 data {bytes} -- The values by their names, each encoded as base64. Names consist of letters, digits, '-', '_' and '.'.
          4 stringData {string} -- Values as plain text, for writing only: they go into data, and win over what is there.
          3 type string -- What the values are for, such as Opaque, kubernetes.io/tls or kubernetes.io/dockerconfigjson. It cannot be changed.
        ConfigMap: A few values for programs to read that are no secrets; one MiB at most.
          1 metadata ObjectMeta! -- The object's name, labels and the like.
          4 immutable bool? -- Whether the values may no longer change. Once true it stays so.
          2 data {string} -- The values by their names, as text. Names consist of letters, digits, '-', '_' and '.'.
          3 binaryData {bytes} -- Values that are no text, each encoded as base64. A name stands here or in data.
        ServiceAccount: Who a program is to the cluster. Roles give it rights, and tokens prove it.
          1 metadata ObjectMeta! -- The object's name, labels and the like.
          2 secrets [ObjectReference] merge=name -- Secrets that pods with this account may use.
          3 imagePullSecrets [LocalObjectReference] -- Secrets with which images of its pods are fetched.
          4 automountServiceAccountToken bool? -- Whether its pods find a token of the account in their files.
        Event: Something that happened to an object, for people to read. It is kept for a while only.
          1 metadata ObjectMeta! -- The object's name, labels and the like.
          2 involvedObject ObjectReference! -- What it happened to.
          3 reason string -- What happened, as one word.
          4 message string -- What happened, for people.
          5 source EventSource! -- Who says so.
          6 firstTimestamp time -- When it happened first.
          7 lastTimestamp time -- When it happened last.
          8 count int32 -- How often it happened.
          9 type string -- Normal or Warning.
          10 eventTime microTime -- When it happened, to the microsecond.
          11 series EventSeries? -- How often it happened since, where it goes on.
          12 action string -- What was done about it.
          13 related ObjectReference? -- Another object that had part in it.
          14 reportingComponent string! -- The program that says so, such as kubernetes.io/kubelet.
          15 reportingInstance string! -- Which one of these programs.
        NamespaceSpec: What is wanted of a namespace.
          1 finalizers [string] -- Who has to empty the namespace before it may go.
        NamespaceStatus: How far a namespace is.
          1 phase string -- Active, or Terminating while it is emptied and deleted.
          2 conditions [NamespaceCondition] merge=type -- What keeps it from going.
        ObjectReference: Names an object, or a part of one.
          1 kind string -- Its kind.
          2 namespace string -- Its namespace.
          3 name string -- Its name.
          4 uid string -- Its uid.
          5 apiVersion string -- Its group and version.
          6 resourceVersion string -- Its state.
          7 fieldPath string -- The part that is meant, such as spec.containers{main}.
        LocalObjectReference: Names an object of the same namespace.
          1 name string -- Its name.
        EventSource: Who tells of an event.
          1 component string -- The program.
          2 host string -- The node that it runs on.
        EventSeries: An event that goes on.
          1 count int32 -- How often it happened until now.
          2 lastObservedTime microTime -- When it happened last.
        NamespaceCondition: Something that is so, or not, of a namespace.
          1 type string! -- What it is about.
          2 status string! -- True, False or Unknown.
          4 lastTransitionTime time -- When that last changed.
          5 reason string -- Why, as one word.
          6 message string -- Why, for people.
        """
}
