namespace CertOperator.Kubernetes.Schema;

/// <summary>Whether objects of an entity live in a namespace.</summary>
public enum EntityScope
{
    Namespaced,
    Cluster,
}

/// <summary>Scope of an entity; without the attribute it is namespaced.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class EntityScopeAttribute(EntityScope scope) : Attribute
{
    public EntityScope Scope { get; } = scope;
}
