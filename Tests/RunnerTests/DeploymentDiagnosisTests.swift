import KubernetesAPI
import OrderedJSON
import Testing

@testable import Runner

/// What a kubelet, a scheduler and a Job's controller write, and what is made of it.
@Suite struct DeploymentDiagnosisTests {
    /// 2026-11-25T04:00:00Z
    private static let start = RFC3339.seconds("2026-11-25T04:00:00Z") ?? 0

    private static func job(_ condition: String = "", annotation: String? = nil) throws -> JSON {
        var metadata: JSON = [
            "name": "a41bf32b-b337-43a4-8d65-1d565c5e25be", "creationTimestamp": "2026-11-25T04:00:00Z",
        ]
        if let annotation { metadata["annotations"] = ["stowage-ended": .string(annotation)] }
        return [
            "metadata": metadata,
            "spec": [
                "activeDeadlineSeconds": 7290,
                "template": [
                    "spec": ["containers": [["name": "main", "resources": ["limits": ["memory": "2Gi"]]]]]
                ],
            ],
            "status": ["conditions": try JSON(parsing: "[\(condition)]")],
        ]
    }

    private static func pod(_ status: String, node: String? = "node-1") throws -> JSON {
        [
            "metadata": [
                "name": "a41bf32b-b337-43a4-8d65-1d565c5e25be-x7x2z", "creationTimestamp": "2026-11-25T04:00:00Z",
            ],
            "spec": node.map { ["nodeName": .string($0)] } ?? [:], "status": try JSON(parsing: status),
        ]
    }

    private static func warning(_ reason: String, _ message: String) -> JSON {
        ["type": "Warning", "reason": .string(reason), "message": .string(message)]
    }

    private func phase(
        _ pod: JSON?, _ events: [JSON] = [], job: JSON? = nil, after seconds: Double = 10
    ) throws -> DeploymentPhase {
        DeploymentDiagnosis(job: try job ?? Self.job(), pod: pod, events: events, now: Self.start + seconds).phase
    }

    private func terminated(_ state: String, _ rest: String = "") throws -> JSON {
        try Self.pod(
            #"{"phase": "Failed", \#(rest) "containerStatuses": [{"name": "main", "image": "stowage:0.1.0", "state": {"terminated": \#(state)}}]}"#
        )
    }

    private func waiting(_ reason: String, _ message: String) throws -> JSON {
        try Self.pod(
            #"{"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "True"}], "containerStatuses": [{"name": "main", "image": "registry.test/stowage:9", "state": {"waiting": {"reason": "\#(reason)", "message": \#(JSON.string(message).text)}}}]}"#
        )
    }

    @Test func aRunThatEndedSaysItselfHow() throws {
        let succeeded = try terminated(#"{"exitCode": 0, "reason": "Completed"}"#)
        #expect(try phase(succeeded) == .ended(DeploymentEnd(status: .succeeded, exitCode: 0, wasCutOff: false)))
        let failed = try terminated(#"{"exitCode": 75, "reason": "Error"}"#)
        #expect(try phase(failed) == .ended(DeploymentEnd(status: .failed, exitCode: 75, wasCutOff: false)))
        #expect(
            try phase(
                try Self.pod(
                    #"{"phase": "Running", "containerStatuses": [{"name": "main", "state": {"running": {}}}]}"#))
                == .running)
    }

    @Test(arguments: [
        (
            #"{"exitCode": 137, "reason": "OOMKilled"}"#, "",
            "it needed more memory than its limit of 2Gi and was killed; raise resources.limits.memory of container 'main' in "
                + "the runner's pod_template"
        ),
        (#"{"exitCode": 137, "reason": "Error"}"#, "", "its container was killed by signal 9"),
        (
            #"{"exitCode": 128, "reason": "StartError", "message": "failed to create containerd task: exec: \"stowage\": executable file not found in $PATH: unknown"}"#,
            "",
            "its container could not be started: failed to create containerd task: exec: \"stowage\": executable file not found "
                + "in $PATH: unknown"
        ),
        (
            #"{"exitCode": 137, "reason": "Error"}"#,
            #""reason": "Evicted", "message": "The node was low on resource: memory. Threshold quantity: 100Mi, available: 17348Ki. ","#,
            "node node-1 evicted its pod: The node was low on resource: memory. Threshold quantity: 100Mi, available: 17348Ki"
        ),
        (
            #"{"exitCode": 137, "reason": "ContainerStatusUnknown", "message": "The container could not be located when the pod was terminated"}"#,
            #""conditions": [{"type": "DisruptionTarget", "status": "True", "reason": "DeletionByTaintManager", "message": "Taint manager: deleting due to NoExecute taint"}],"#,
            "node node-1 was lost: Taint manager: deleting due to NoExecute taint"
        ),
        (
            #"{"exitCode": 137}"#,
            #""conditions": [{"type": "DisruptionTarget", "status": "True", "reason": "PreemptionByScheduler", "message": "default-scheduler: preempting to accommodate a higher priority pod"}],"#,
            "its pod gave way to one of a higher priority: default-scheduler: preempting to accommodate a higher priority pod"
        ),
        (
            #"{"exitCode": 137}"#,
            #""reason": "NodeLost", "message": "Node node-1 which was running pod x is unresponsive","#,
            "node node-1 was lost: Node node-1 which was running pod x is unresponsive"
        ),
    ])
    func whatCutARunOffIsTold(_ state: String, _ rest: String, _ cause: String) throws {
        guard case .ended(let end) = try phase(try terminated(state, rest)) else {
            Issue.record("it has not ended")
            return
        }
        #expect(end.cause == cause)
        #expect(end.status == .failed)
        #expect(end.wasCutOff)
        #expect(!end.isJobAlive)
    }

    @Test func aPodThatNoNodeTakesFailsAfterFiveMinutes() throws {
        let pod = try Self.pod(
            #"{"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/3 nodes are available: 3 Insufficient memory."}]}"#,
            node: nil)
        let events = [
            Self.warning("FailedScheduling", "0/3 nodes are available: 3 Insufficient memory. preemption: not helpful.")
        ]
        let why = "0/3 nodes are available: 3 Insufficient memory. preemption: not helpful"
        #expect(try phase(pod, events, after: 299) == .waiting(why))
        guard case .ended(let end) = try phase(pod, events, after: 301) else {
            Issue.record("it goes on waiting")
            return
        }
        #expect(end.cause == "no node took its pod within 5 minutes: \(why)")
        #expect(end.isJobAlive)
        #expect(!end.wasCutOff)
    }

    @Test func anImageThatCannotBePulledFails() throws {
        let why =
            "rpc error: code = NotFound desc = failed to pull and unpack image \"registry.test/stowage:9\": not found"
        let event = Self.warning("Failed", "Failed to pull image \"registry.test/stowage:9\": \(why)")
        let first = try phase(try waiting("ErrImagePull", why), [event])
        #expect(
            first
                == .waiting(
                    "the image registry.test/stowage:9 cannot be pulled: Failed to pull image \"registry.test/stowage:9\": "
                        + why))
        let backOff = try waiting("ImagePullBackOff", "Back-off pulling image \"registry.test/stowage:9\"")
        guard case .ended(let end) = try phase(backOff, [event, Self.warning("Failed", "Error: ImagePullBackOff")])
        else {
            Issue.record("it goes on waiting")
            return
        }
        #expect(end.cause?.hasSuffix(why) == true)
        #expect(end.isJobAlive)
        guard case .ended(let invalid) = try phase(try waiting("InvalidImageName", "couldn't parse image reference"))
        else {
            Issue.record("it goes on waiting")
            return
        }
        #expect(invalid.cause == "the image registry.test/stowage:9 cannot be pulled: couldn't parse image reference")
    }

    @Test func aPodThatDoesNotStartFailsAfterFiveMinutes() throws {
        let pod = try Self.pod(
            #"{"phase": "Pending", "containerStatuses": [{"name": "main", "state": {"waiting": {"reason": "ContainerCreating"}}}]}"#
        )
        let event = Self.warning("FailedMount", "MountVolume.SetUp failed for volume \"x\" : secret \"y\" not found")
        #expect(try phase(pod) == .waiting(nil))
        guard case .ended(let end) = try phase(pod, [event], after: 301) else {
            Issue.record("it goes on waiting")
            return
        }
        #expect(
            end.cause
                == "its pod did not start within 5 minutes (ContainerCreating): FailedMount: MountVolume.SetUp failed for "
                + "volume \"x\" : secret \"y\" not found")
    }

    @Test func aJobThatMakesNoPodFails() throws {
        let event = Self.warning(
            "FailedCreate", "Error creating: pods \"x-\" is forbidden: error looking up service account jobs/runner")
        let message = "Error creating: pods \"x-\" is forbidden: error looking up service account jobs/runner"
        #expect(try phase(nil, [event]) == .waiting(message))
        guard case .ended(let end) = try phase(nil, [event], after: 400) else {
            Issue.record("it goes on waiting")
            return
        }
        #expect(end.cause == "its Job could make no pod: \(message)")
    }

    private static let deadline =
        #"{"type": "Failed", "status": "True", "reason": "DeadlineExceeded", "message": "Job was active longer than specified deadline"}"#

    @Test func aJobWhoseTimeIsOverSaysSo() throws {
        guard case .ended(let end) = try phase(nil, job: try Self.job(Self.deadline)) else {
            Issue.record("it goes on")
            return
        }
        #expect(
            end.cause == "its time limit of 7290 s was over, waiting for its turn included, and the cluster ended it")
        #expect(end.wasCutOff)
    }

    @Test func whoEndedItIsNamed() throws {
        let cancelled = try Self.job(Self.deadline, annotation: #"{"by": "ann@desk", "why": "cancelled"}"#)
        guard case .ended(let end) = try phase(nil, job: cancelled) else {
            Issue.record("it goes on")
            return
        }
        #expect(end.status == .cancelled)
        #expect(end.cause == "it was cancelled by ann@desk")
        let pod = try terminated(#"{"exitCode": 1, "reason": "Error"}"#)
        guard case .ended(let seen) = try phase(pod, job: cancelled) else {
            Issue.record("it goes on")
            return
        }
        #expect(seen.status == .cancelled)
        #expect(seen.exitCode == 1)
        #expect(!seen.wasCutOff)
    }

    @Test func aPodThatIsGoneIsToldWithTheLastWarning() throws {
        let failed = try Self.job(
            #"{"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "message": "Job has reached the specified backoff limit"}"#
        )
        let events = [
            Self.warning("Evicted", "The node had condition: [DiskPressure]."),
            Self.warning("BackoffLimitExceeded", "Job has reached the specified backoff limit"),
        ]
        guard case .ended(let end) = try phase(nil, events, job: failed) else {
            Issue.record("it goes on")
            return
        }
        #expect(end.cause == "its pod failed, and is gone: Evicted: The node had condition: [DiskPressure]")
    }
}
