namespace Fibril.Broker.Hosting.Configuration;

/// <summary>A value, or what is wrong with it and, when that can be guessed, how it was meant (in the notation it was read in).</summary>
internal readonly record struct Reading<T>(T? Value, string? Fault = null, string? Instead = null);

/// <summary>One kind of setting value: how it is read, checked and written.</summary>
internal abstract class ValueKind<T>
{
    /// <summary>Stands for the value in the help.</summary>
    public abstract string Placeholder { get; }

    /// <summary>The range in the words of the help; null when there is nothing to say.</summary>
    public virtual string? Range => null;

    /// <summary>What is accepted, for a message.</summary>
    public abstract string Allowed(Notation notation);

    public abstract Reading<T> Read(string text);

    public abstract Reading<T> Read(FileNode node);

    public abstract string Write(T value, Notation notation);

    /// <summary>The value as people say it.</summary>
    public virtual string Describe(T value) => Write(value, Notation.Plain);

    protected static Reading<T> Good(T value) => new(value);

    protected static Reading<T> Bad(string fault, string? instead = null) => new(default, fault, instead);

    protected static Reading<T> WrongType(FileNode node, string wanted, string? instead = null) =>
        Bad($"is {node.TypeName}, not {wanted}", instead);
}
