extension Schema {
    /// Source: Kubernetes API reference, core/v1, without Pods.
    static let core = """
        package io.k8s.api.core.v1
        Namespace
          1 metadata ObjectMeta!
          2 spec NamespaceSpec!
          3 status NamespaceStatus!
        Secret
          1 metadata ObjectMeta!
          5 immutable bool?
          2 data {bytes}
          4 stringData {string}
          3 type string
        ConfigMap
          1 metadata ObjectMeta!
          4 immutable bool?
          2 data {string}
          3 binaryData {bytes}
        ServiceAccount
          1 metadata ObjectMeta!
          2 secrets [ObjectReference] merge=name
          3 imagePullSecrets [LocalObjectReference]
          4 automountServiceAccountToken bool?
        Event
          1 metadata ObjectMeta!
          2 involvedObject ObjectReference!
          3 reason string
          4 message string
          5 source EventSource!
          6 firstTimestamp time
          7 lastTimestamp time
          8 count int32
          9 type string
          10 eventTime microTime
          11 series EventSeries?
          12 action string
          13 related ObjectReference?
          14 reportingComponent string!
          15 reportingInstance string!
        NamespaceSpec
          1 finalizers [string]
        NamespaceStatus
          1 phase string
          2 conditions [NamespaceCondition] merge=type
        ObjectReference
          1 kind string
          2 namespace string
          3 name string
          4 uid string
          5 apiVersion string
          6 resourceVersion string
          7 fieldPath string
        LocalObjectReference
          1 name string
        EventSource
          1 component string
          2 host string
        EventSeries
          1 count int32
          2 lastObservedTime microTime
        NamespaceCondition
          1 type string!
          2 status string!
          4 lastTransitionTime time
          5 reason string
          6 message string
        """
}
