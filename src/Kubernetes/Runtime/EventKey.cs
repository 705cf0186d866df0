namespace CertOperator.Kubernetes;

/// <summary>What two events must have in common to be repetitions of one.</summary>
internal sealed record EventKey(EventSubject Regarding, EventSubject? Related, EventType Type, string Reason, string Action, string Note);

/// <summary>An object as events point at it.</summary>
internal sealed record EventSubject(string ApiVersion, string Kind, string? Namespace, string Name, string? Uid)
{
    public static EventSubject Of(IKubernetesObject obj) =>
        new(obj.ApiVersion, obj.Kind, obj.Metadata.Namespace, obj.Metadata.Name, obj.Metadata.Uid);

    public ObjectReference ToReference() =>
        new() { ApiVersion = ApiVersion, Kind = Kind, Namespace = Namespace, Name = Name, Uid = Uid };
}

/// <summary>An event that is to be written.</summary>
internal sealed record EventOccurrence(EventKey Key, DateTimeOffset At);
