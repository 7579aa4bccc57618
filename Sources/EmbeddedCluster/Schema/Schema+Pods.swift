extension Schema {
    /// Source: Kubernetes API reference, core/v1 `Pod`, without its volumes.
    static let pods = """
        package io.k8s.api.core.v1
        Pod: Containers that run together in one place.
          1 metadata ObjectMeta! -- The object's name, labels and the like.
          2 spec PodSpec! -- What it runs.
          3 status PodStatus! -- How far it is.
        PodTemplateSpec: What pods are made from.
          1 metadata ObjectMeta! -- Labels and annotations that each pod gets.
          2 spec PodSpec! -- What each pod runs.
        PodSpec: What a pod runs, and where.
          1 volumes [Volume] merge=name retain -- Files that its containers can mount.
          20 initContainers [Container] merge=name -- Containers that run one after the other, each to its end, before the others begin.
          2 containers [Container]! merge=name -- Containers that run at once; at least one.
          34 ephemeralContainers [EphemeralContainer] merge=name -- Containers that were added later to look into the pod.
          3 restartPolicy string -- Whether containers that end begin again: Always, OnFailure or Never.
          4 terminationGracePeriodSeconds int64? -- How long the containers may take to end before they are killed; 30 where not given.
          5 activeDeadlineSeconds int64? -- After how many seconds the pod fails.
          6 dnsPolicy string -- Where names are looked up: ClusterFirst, ClusterFirstWithHostNet, Default or None.
          7 nodeSelector {string} atomic -- Labels that the node must have.
          8 serviceAccountName string -- The ServiceAccount that its programs are to the cluster.
          9 serviceAccount string -- An older name of serviceAccountName.
          21 automountServiceAccountToken bool? -- Whether its containers find a token of the account in their files.
          10 nodeName string -- The node that it is on.
          11 hostNetwork bool -- Whether it shares the network of the node.
          12 hostPID bool -- Whether it sees the processes of the node.
          13 hostIPC bool -- Whether it shares memory with the node.
          27 shareProcessNamespace bool? -- Whether its containers see one another's processes.
          14 securityContext PodSecurityContext? -- As whom its containers run, and what they may, unless they say otherwise.
          15 imagePullSecrets [LocalObjectReference] merge=name -- Secrets with which images are fetched.
          16 hostname string -- The name of the host that its programs see; the pod's where not given.
          17 subdomain string -- The domain that its host is in.
          18 affinity Affinity? -- Near which nodes and pods it should be.
          19 schedulerName string -- Who finds a node for it.
          22 tolerations [Toleration] -- Taints of nodes that do not keep it away.
          23 hostAliases [HostAlias] merge=ip -- Lines that its containers find in /etc/hosts.
          24 priorityClassName string -- How important it is, by name.
          25 priority int32? -- How important it is; the greater the more.
          26 dnsConfig PodDNSConfig? -- More about where names are looked up.
          28 readinessGates [PodReadinessGate] -- Conditions that others set before it counts as ready.
          29 runtimeClassName string? -- What runs its containers.
          30 enableServiceLinks bool? -- Whether its programs find the Services of the namespace in their environment.
          31 preemptionPolicy string? -- Whether less important pods make room for it: PreemptLowerPriority or Never.
          32 overhead {quantity} -- What running it takes beside its containers.
          33 topologySpreadConstraints [TopologySpreadConstraint] merge=topologyKey map=topologyKey,whenUnsatisfiable -- How pods like it spread over nodes and zones.
          35 setHostnameAsFQDN bool? -- Whether the host's name has its domain, too.
          36 os PodOS? -- The operating system that it is for.
          37 hostUsers bool? -- Whether users in it are those of the node.
          38 schedulingGates [PodSchedulingGate] merge=name -- Who has to agree before a node is looked for.
          39 resourceClaims [PodResourceClaim] merge=name retain -- Devices that it needs.
          40 resources ResourceRequirements? -- What all its containers need together.
          41 hostnameOverride string? -- The name of the host that its programs see, whatever else says.
        PodStatus: How far a pod is.
          17 observedGeneration int64 -- Up to which generation this was seen.
          1 phase string -- Pending, Running, Succeeded, Failed or Unknown.
          2 conditions [PodCondition] merge=type -- PodScheduled, Initialized, ContainersReady and Ready, and when they came to be so.
          3 message string -- Why it is so, for people.
          4 reason string -- Why it is so, as one word, such as Evicted.
          11 nominatedNodeName string -- The node that room is made on.
          5 hostIP string -- The address of its node.
          16 hostIPs [HostIP] merge=ip atomic -- The addresses of its node.
          6 podIP string -- Its address.
          12 podIPs [PodIP] merge=ip -- Its addresses.
          7 startTime time? -- When it was taken up by its node.
          10 initContainerStatuses [ContainerStatus] -- How far its init containers are.
          8 containerStatuses [ContainerStatus] -- How far its containers are.
          9 qosClass string -- How it fares when the node runs short: Guaranteed, Burstable or BestEffort.
          13 ephemeralContainerStatuses [ContainerStatus] -- How far the containers are that were added later.
          14 resize string -- How far a change of its resources is.
          15 resourceClaimStatuses [PodResourceClaimStatus] merge=name retain -- Which claims for devices were made for it.
        Container: A program to run.
          1 name string! -- Its name, alone in the pod. It cannot be changed.
          2 image string -- Where its files come from.
          3 command [string] -- What to run, word by word, without a shell; the image's where not given. $(NAME) stands for a variable.
          4 args [string] -- The words after the command; the image's where not given. $(NAME) stands for a variable.
          5 workingDir string -- The folder to run it in; the image's where not given.
          6 ports [ContainerPort] merge=containerPort map=containerPort,protocol -- Ports that it listens on, for information.
          19 envFrom [EnvFromSource] -- Sources whose names and values are all set in its environment; env wins over them.
          7 env [EnvVar] merge=name -- Variables of its environment.
          8 resources ResourceRequirements! -- What it needs, and what it may use at most.
          23 resizePolicy [ContainerResizePolicy] atomic -- Which resources can change without a restart.
          24 restartPolicy string? -- Always, for an init container that goes on beside the others.
          25 restartPolicyRules [ContainerRestartRule] atomic -- When it begins again, by its exit code.
          9 volumeMounts [VolumeMount] merge=mountPath -- Where it finds the pod's volumes.
          21 volumeDevices [VolumeDevice] merge=devicePath -- Where it finds volumes that are devices.
          10 livenessProbe Probe? -- How to find out that it has to be restarted.
          11 readinessProbe Probe? -- How to find out that it can be asked.
          22 startupProbe Probe? -- How to find out that it has begun; the other probes wait for that.
          12 lifecycle Lifecycle? -- What to do after it begins and before it ends.
          13 terminationMessagePath string -- The file in which it says why it ended.
          20 terminationMessagePolicy string -- Where that is read from: File, or FallbackToLogsOnError.
          14 imagePullPolicy string -- When its image is fetched: Always, IfNotPresent or Never.
          15 securityContext SecurityContext? -- As whom it runs, and what it may.
          16 stdin bool -- Whether its input is kept open.
          17 stdinOnce bool -- Whether its input is closed once the first that wrote to it has gone.
          18 tty bool -- Whether it has a terminal.
        EphemeralContainer
          1.1 name string!
          1.2 image string
          1.3 command [string]
          1.4 args [string]
          1.5 workingDir string
          1.6 ports [ContainerPort]
          1.19 envFrom [EnvFromSource]
          1.7 env [EnvVar] merge=name
          1.8 resources ResourceRequirements!
          1.23 resizePolicy [ContainerResizePolicy] atomic
          1.24 restartPolicy string?
          1.25 restartPolicyRules [ContainerRestartRule] atomic
          1.9 volumeMounts [VolumeMount] merge=mountPath
          1.21 volumeDevices [VolumeDevice] merge=devicePath
          1.10 livenessProbe Probe?
          1.11 readinessProbe Probe?
          1.22 startupProbe Probe?
          1.12 lifecycle Lifecycle?
          1.13 terminationMessagePath string
          1.20 terminationMessagePolicy string
          1.14 imagePullPolicy string
          1.15 securityContext SecurityContext?
          1.16 stdin bool
          1.17 stdinOnce bool
          1.18 tty bool
          2 targetContainerName string
        PodSecurityContext: As whom the containers of a pod run, and what they may, unless they say otherwise.
          1 seLinuxOptions SELinuxOptions?
          8 windowsOptions WindowsSecurityContextOptions?
          2 runAsUser int64? -- The number of their user.
          6 runAsGroup int64? -- The number of their group.
          3 runAsNonRoot bool? -- Whether they are refused as superuser.
          4 supplementalGroups [int64] -- More groups that they are in.
          5 fsGroup int64? -- The group that owns the pod's volumes.
          7 sysctls [Sysctl] -- Settings of the kernel.
          9 fsGroupChangePolicy string?
          10 seccompProfile SeccompProfile? -- Which system calls they may make.
          11 appArmorProfile AppArmorProfile?
          12 supplementalGroupsPolicy string?
          13 seLinuxChangePolicy string?
        Affinity: Near which nodes and pods a pod should be.
          1 nodeAffinity NodeAffinity? -- Nodes.
          2 podAffinity PodAffinity? -- Pods to be near to.
          3 podAntiAffinity PodAntiAffinity? -- Pods to be away from.
        Toleration: Taints of nodes that do not keep a pod away.
          1 key string -- The taint's name; empty for all.
          2 operator string -- Equal, or Exists for any value.
          3 value string -- The taint's value.
          4 effect string -- NoSchedule, PreferNoSchedule or NoExecute; empty for all.
          5 tolerationSeconds int64? -- How long the pod stays in spite of a taint.
        HostAlias: A line of /etc/hosts.
          1 ip string -- The address.
          2 hostnames [string] -- Its names.
        PodDNSConfig
          1 nameservers [string]
          2 searches [string]
          3 options [PodDNSConfigOption]
        PodReadinessGate
          1 conditionType string!
        TopologySpreadConstraint
          1 maxSkew int32!
          2 topologyKey string!
          3 whenUnsatisfiable string!
          4 labelSelector LabelSelector?
          5 minDomains int32?
          6 nodeAffinityPolicy string?
          7 nodeTaintsPolicy string?
          8 matchLabelKeys [string] atomic
        PodCondition: Something that is so, or not, of a pod.
          1 type string! -- What it is about, such as Ready.
          7 observedGeneration int64 -- Up to which generation this was seen.
          2 status string! -- True, False or Unknown.
          3 lastProbeTime time -- When it was last looked at.
          4 lastTransitionTime time -- When it last changed.
          5 reason string -- Why, as one word.
          6 message string -- Why, for people.
        PodIP
          1 ip string
        ContainerStatus: How far a container is.
          1 name string! -- The container's name.
          2 state ContainerState! -- What it does now.
          3 lastState ContainerState! -- How it ended the last time.
          4 ready bool! -- Whether it can be asked.
          5 restartCount int32! -- How often it began again.
          6 image string! -- The image that it runs.
          7 imageID string! -- What tells the image from others of its name.
          8 containerID string -- What runs it, and under which identifier.
          9 started bool? -- Whether it has begun.
          10 allocatedResources {quantity} -- What it was given.
          11 resources ResourceRequirements? -- What it may use.
          12 volumeMounts [VolumeMountStatus] merge=mountPath -- Where it finds volumes.
          15 stopSignal string? -- The signal that ends it.
        ContainerPort: A port that a container listens on.
          1 name string -- Its name, alone in the pod.
          2 hostPort int32 -- The port of the node that leads to it.
          3 containerPort int32! -- Its number.
          4 protocol string -- TCP, UDP or SCTP.
          5 hostIP string -- The address of the node that hostPort is on.
        EnvFromSource: Where variables are taken from: one of the two.
          1 prefix string -- What stands before each name.
          2 configMapRef ConfigMapEnvSource? -- A ConfigMap.
          3 secretRef SecretEnvSource? -- A Secret.
        EnvVar: A variable of the environment.
          1 name string! -- The variable's name.
          2 value string -- Its value; $(NAME) stands for a variable that was set before, $$ for a dollar.
          3 valueFrom EnvVarSource? -- Where the value is taken from, where value is empty.
        ResourceRequirements: What a container needs, and what it may use at most.
          1 limits {quantity} -- What it may use at most, such as cpu: 500m or memory: 1Gi.
          2 requests {quantity} -- What it needs to run.
          3 claims [ResourceClaim] map=name -- Devices of the pod that it uses.
        VolumeMount: Where a container finds a volume.
          1 name string! -- The volume's name.
          2 readOnly bool -- Whether it may only be read.
          7 recursiveReadOnly string? -- Whether that holds for what is mounted in it, too.
          3 mountPath string! -- The folder in the container.
          4 subPath string -- The part of the volume that is found there.
          5 mountPropagation string? -- Whether what is mounted later is seen: None, HostToContainer or Bidirectional.
          6 subPathExpr string -- As subPath, with $(NAME) for variables.
        VolumeDevice
          1 name string!
          2 devicePath string!
        Probe: How to find out how a container is.
          1.1 exec ExecAction? -- Runs a command in it; exit code 0 is well.
          1.2 httpGet HTTPGetAction? -- Asks it by HTTP; 200 to 399 is well.
          1.3 tcpSocket TCPSocketAction? -- Connects to it.
          1.4 grpc GRPCAction? -- Asks its health by gRPC.
          2 initialDelaySeconds int32 -- How long to wait before the first time.
          3 timeoutSeconds int32 -- How long an answer may take; 1 where not given.
          4 periodSeconds int32 -- How long to wait between two times; 10 where not given.
          5 successThreshold int32 -- How often in a row it has to be well to count as well again.
          6 failureThreshold int32 -- How often in a row it has to fail to count as failed; 3 where not given.
          7 terminationGracePeriodSeconds int64? -- How long it may take to end when it failed.
        Lifecycle
          1 postStart LifecycleHandler?
          2 preStop LifecycleHandler?
          3 stopSignal string?
        SecurityContext: As whom a container runs, and what it may.
          1 capabilities Capabilities? -- Rights of the superuser that it has, or has not.
          2 privileged bool? -- Whether it may do all that the node's superuser may.
          3 seLinuxOptions SELinuxOptions?
          10 windowsOptions WindowsSecurityContextOptions?
          4 runAsUser int64? -- The number of its user.
          8 runAsGroup int64? -- The number of its group.
          5 runAsNonRoot bool? -- Whether it is refused as superuser.
          6 readOnlyRootFilesystem bool? -- Whether its own files may only be read.
          7 allowPrivilegeEscalation bool? -- Whether its programs may get more rights than they began with.
          9 procMount string?
          11 seccompProfile SeccompProfile? -- Which system calls it may make.
          12 appArmorProfile AppArmorProfile?
        SELinuxOptions
          1 user string
          2 role string
          3 type string
          4 level string
        WindowsSecurityContextOptions
          1 gmsaCredentialSpecName string?
          2 gmsaCredentialSpec string?
          3 runAsUserName string?
          4 hostProcess bool?
        Sysctl
          1 name string!
          2 value string!
        SeccompProfile
          1 type string!
          2 localhostProfile string?
        NodeAffinity
          1 requiredDuringSchedulingIgnoredDuringExecution NodeSelector?
          2 preferredDuringSchedulingIgnoredDuringExecution [PreferredSchedulingTerm]
        PodAffinity
          1 requiredDuringSchedulingIgnoredDuringExecution [PodAffinityTerm]
          2 preferredDuringSchedulingIgnoredDuringExecution [WeightedPodAffinityTerm]
        PodAntiAffinity
          1 requiredDuringSchedulingIgnoredDuringExecution [PodAffinityTerm]
          2 preferredDuringSchedulingIgnoredDuringExecution [WeightedPodAffinityTerm]
        PodDNSConfigOption
          1 name string
          2 value string?
        ContainerState: What a container does: one of these.
          1 waiting ContainerStateWaiting? -- It has not begun.
          2 running ContainerStateRunning? -- It runs.
          3 terminated ContainerStateTerminated? -- It has ended.
        ConfigMapEnvSource: A ConfigMap of the same namespace.
          1.1 name string -- Its name.
          2 optional bool? -- Whether it may be missing.
        SecretEnvSource: A Secret of the same namespace.
          1.1 name string -- Its name.
          2 optional bool? -- Whether it may be missing.
        EnvVarSource: Where the value of a variable is taken from: one of these.
          1 fieldRef ObjectFieldSelector? -- A field of the pod.
          2 resourceFieldRef ResourceFieldSelector? -- What the container may use.
          3 configMapKeyRef ConfigMapKeySelector? -- A value of a ConfigMap.
          4 secretKeyRef SecretKeySelector? -- A value of a Secret.
        ExecAction
          1 command [string]
        HTTPGetAction
          1 path string
          2 port intOrString!
          3 host string
          4 scheme string
          5 httpHeaders [HTTPHeader]
        TCPSocketAction
          1 port intOrString!
          2 host string
        LifecycleHandler
          1 exec ExecAction?
          2 httpGet HTTPGetAction?
          3 tcpSocket TCPSocketAction?
        Capabilities
          1 add [string]
          2 drop [string]
        NodeSelector
          1 nodeSelectorTerms [NodeSelectorTerm]!
        PreferredSchedulingTerm
          1 weight int32!
          2 preference NodeSelectorTerm!
        PodAffinityTerm
          1 labelSelector LabelSelector?
          2 namespaces [string]
          3 topologyKey string!
          4 namespaceSelector LabelSelector?
          5 matchLabelKeys [string] atomic
          6 mismatchLabelKeys [string] atomic
        WeightedPodAffinityTerm
          1 weight int32!
          2 podAffinityTerm PodAffinityTerm!
        ContainerStateWaiting: Why a container has not begun.
          1 reason string -- Why, as one word, such as ContainerCreating.
          2 message string -- Why, for people.
        ContainerStateRunning: A container that runs.
          1 startedAt time -- Since when.
        ContainerStateTerminated: How a container ended.
          1 exitCode int32! -- Its exit code; 0 is well.
          2 signal int32 -- The signal that ended it.
          3 reason string -- Why, as one word, such as Completed or Error.
          4 message string -- What it said of it.
          5 startedAt time -- When it began.
          6 finishedAt time -- When it ended.
          7 containerID string -- What ran it, and under which identifier.
        ObjectFieldSelector: A field of the pod.
          1 apiVersion string -- The version that the path is of; v1 where not given.
          2 fieldPath string! -- The field: metadata.name, metadata.namespace, metadata.uid, metadata.labels['KEY'], spec.nodeName, status.podIP and the like.
        ResourceFieldSelector: What a container may use.
          1 containerName string -- The container, where that is not plain.
          2 resource string! -- The resource, such as limits.cpu.
          3 divisor quantity! -- The unit that it is counted in.
        ConfigMapKeySelector: A value of a ConfigMap.
          1.1 name string -- The ConfigMap's name.
          2 key string! -- The value's name.
          3 optional bool? -- Whether it may be missing.
        SecretKeySelector: A value of a Secret.
          1.1 name string -- The Secret's name.
          2 key string! -- The value's name.
          3 optional bool? -- Whether it may be missing.
        HTTPHeader
          1 name string!
          2 value string!
        NodeSelectorTerm
          1 matchExpressions [NodeSelectorRequirement]
          2 matchFields [NodeSelectorRequirement]
        NodeSelectorRequirement
          1 key string!
          2 operator string!
          3 values [string]
        PodOS
          1 name string!
        PodSchedulingGate
          1 name string!
        PodResourceClaim
          1 name string!
          3 resourceClaimName string?
          4 resourceClaimTemplateName string?
        HostIP
          1 ip string!
        PodResourceClaimStatus
          1 name string!
          2 resourceClaimName string?
        ContainerResizePolicy
          1 resourceName string!
          2 restartPolicy string!
        ContainerRestartRule
          1 action string
          2 exitCodes ContainerRestartRuleOnExitCodes?
        ContainerRestartRuleOnExitCodes
          1 operator string
          2 values [int32] set
        AppArmorProfile
          1 type string!
          2 localhostProfile string?
        VolumeMountStatus
          1 name string!
          2 mountPath string!
          3 readOnly bool
          4 recursiveReadOnly string?
        ResourceClaim
          1 name string!
          2 request string
        GRPCAction
          1 port int32!
          2 service string?!
        """
}
