extension Schema {
    /// Source: Kubernetes API reference, batch/v1.
    static let batch = """
        package io.k8s.api.batch.v1
        Job: Runs pods until enough of them have ended well.
          1 metadata ObjectMeta! -- The object's name, labels and the like.
          2 spec JobSpec! -- What is to run, and when it counts as done.
          3 status JobStatus! -- How far it is.
        JobSpec: What a Job runs, and when it counts as done.
          1 parallelism int32? -- How many pods run at once; 1 where not given.
          2 completions int32? -- How many pods have to end well; 1 where neither this nor parallelism is given.
          3 activeDeadlineSeconds int64? -- After how many seconds the Job fails, whatever its pods do.
          11 podFailurePolicy PodFailurePolicy? -- Which failures of pods count, and how.
          16 successPolicy SuccessPolicy? -- When an indexed Job has done enough.
          7 backoffLimit int32? -- How many pods may fail before the Job does; 6 where not given.
          12 backoffLimitPerIndex int32? -- How many pods of one index may fail.
          13 maxFailedIndexes int32? -- How many indexes may fail before the Job does.
          4 selector LabelSelector? -- Which pods are the Job's. The cluster fills it in.
          5 manualSelector bool? -- Whether selector was chosen by hand.
          6 template PodTemplateSpec! -- What each pod is made from; its restartPolicy is Never or OnFailure.
          8 ttlSecondsAfterFinished int32? -- How many seconds after its end the Job is deleted; never where not given.
          9 completionMode string? -- NonIndexed, or Indexed, where each pod has a number from 0 to completions-1.
          10 suspend bool? -- Whether no pods are to run for now.
          14 podReplacementPolicy string? -- When a pod that ends is replaced: Failed, once it has ended, or TerminatingOrFailed, once it begins to.
          15 managedBy string? -- Who runs the Job where the cluster does not.
        JobStatus: How far a Job is.
          1 conditions [JobCondition] merge=type -- Complete, Failed, Suspended and the like, as soon as they are so.
          2 startTime time? -- When the Job began.
          3 completionTime time? -- When it ended well.
          4 active int32 -- How many of its pods are waiting or running.
          5 succeeded int32 -- How many of its pods ended well.
          6 failed int32 -- How many of its pods failed.
          11 terminating int32? -- How many of its pods are being deleted.
          7 completedIndexes string -- The indexes that are done, such as 1,3-5.
          10 failedIndexes string? -- The indexes that failed.
          8 uncountedTerminatedPods UncountedTerminatedPods? -- Pods that ended and are not counted yet.
          9 ready int32? -- How many of its pods are ready.
        JobCondition: Something that is so, or not, of a Job.
          1 type string! -- Complete, Failed, Suspended, FailureTarget or SuccessCriteriaMet.
          2 status string! -- True, False or Unknown.
          3 lastProbeTime time -- When it was last looked at.
          4 lastTransitionTime time -- When it last changed.
          5 reason string -- Why, as one word.
          6 message string -- Why, for people.
        PodFailurePolicy: What becomes of a Job when a pod of it fails.
          1 rules [PodFailurePolicyRule]! atomic -- The first that fits decides; where none does, the failure counts towards backoffLimit.
        PodFailurePolicyRule: What to do about a failure of one sort.
          1 action string! -- FailJob, FailIndex, Ignore or Count.
          2 onExitCodes PodFailurePolicyOnExitCodesRequirement? -- Fits failures with these exit codes.
          3 onPodConditions [PodFailurePolicyOnPodConditionsPattern] atomic -- Fits pods of which something is so.
        PodFailurePolicyOnExitCodesRequirement: Exit codes of containers.
          1 containerName string? -- The container; any where not given.
          2 operator string! -- In or NotIn.
          3 values [int32]! set -- The exit codes, in order.
        PodFailurePolicyOnPodConditionsPattern: Something that is so of a pod.
          1 type string! -- The condition.
          2 status string! -- Its status; True where not given.
        SuccessPolicy: When an indexed Job has done enough.
          1 rules [SuccessPolicyRule]! atomic -- One that is met is enough.
        SuccessPolicyRule: Which pods have to end well.
          1 succeededIndexes string? -- Their indexes.
          2 succeededCount int32? -- How many of them.
        UncountedTerminatedPods: Pods that ended and are not counted yet.
          1 succeeded [string] set -- Those that ended well.
          2 failed [string] set -- Those that failed.
        """
}
