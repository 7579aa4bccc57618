extension Schema {
    /// Source: Kubernetes API reference, batch/v1.
    static let batch = """
        package io.k8s.api.batch.v1
        Job
          1 metadata ObjectMeta!
          2 spec JobSpec!
          3 status JobStatus!
        JobSpec
          1 parallelism int32?
          2 completions int32?
          3 activeDeadlineSeconds int64?
          11 podFailurePolicy PodFailurePolicy?
          16 successPolicy SuccessPolicy?
          7 backoffLimit int32?
          12 backoffLimitPerIndex int32?
          13 maxFailedIndexes int32?
          4 selector LabelSelector?
          5 manualSelector bool?
          6 template PodTemplateSpec!
          8 ttlSecondsAfterFinished int32?
          9 completionMode string?
          10 suspend bool?
          14 podReplacementPolicy string?
          15 managedBy string?
        JobStatus
          1 conditions [JobCondition] merge=type
          2 startTime time?
          3 completionTime time?
          4 active int32
          5 succeeded int32
          6 failed int32
          11 terminating int32?
          7 completedIndexes string
          10 failedIndexes string?
          8 uncountedTerminatedPods UncountedTerminatedPods?
          9 ready int32?
        JobCondition
          1 type string!
          2 status string!
          3 lastProbeTime time
          4 lastTransitionTime time
          5 reason string
          6 message string
        PodFailurePolicy
          1 rules [PodFailurePolicyRule]! atomic
        PodFailurePolicyRule
          1 action string!
          2 onExitCodes PodFailurePolicyOnExitCodesRequirement?
          3 onPodConditions [PodFailurePolicyOnPodConditionsPattern] atomic
        PodFailurePolicyOnExitCodesRequirement
          1 containerName string?
          2 operator string!
          3 values [int32]! set
        PodFailurePolicyOnPodConditionsPattern
          1 type string!
          2 status string!
        SuccessPolicy
          1 rules [SuccessPolicyRule]! atomic
        SuccessPolicyRule
          1 succeededIndexes string?
          2 succeededCount int32?
        UncountedTerminatedPods
          1 succeeded [string] set
          2 failed [string] set
        """
}
