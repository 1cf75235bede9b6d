using System.Net;

namespace Fibril.Broker.Hosting.Configuration;

/// <summary>The kinds settings are made of; bounds are inclusive.</summary>
internal static class Kind
{
    public static ValueKind<string> Path { get; } = new PathKind();

    public static ValueKind<IPEndPoint> Endpoint { get; } = new EndpointKind();

    public static ValueKind<bool> Boolean { get; } = new BooleanKind();

    public static ValueKind<string> Name { get; } = new NameKind();

    public static ValueKind<IReadOnlyList<string>> HostPorts { get; } = new HostPortsKind();

    public static ValueKind<IReadOnlyDictionary<long, string>> Peers { get; } = new PeersKind();

    public static ValueKind<T?> Optional<T>(ValueKind<T> kind, string absence) where T : struct => new OptionalKind<T>(kind, absence);

    public static ValueKind<string?> OptionalPath(string absence) => new OptionalText(Path, absence);

    public static ValueKind<T> OneOf<T>() where T : struct, Enum => new EnumKind<T>();

    public static ValueKind<int> Count(int min, int max) => new NumberKind<int>(min, max, number => (int)number, value => value);

    public static ValueKind<int> SmallBytes(int min, int max) =>
        new NumberKind<int>(min, max, number => (int)number, value => value, NumberUnits.Bytes);

    public static ValueKind<long> Bytes(long min, long max) =>
        new NumberKind<long>(min, max, number => number, value => value, NumberUnits.Bytes);

    /// <summary>A plain number, or one with units.</summary>
    public static ValueKind<long> Number(long min, long max, NumberUnits? units = null) =>
        new NumberKind<long>(min, max, number => number, value => value, units);

    public static ValueKind<TimeSpan> Duration(TimeSpan min, TimeSpan max) =>
        new NumberKind<TimeSpan>(
            (long)min.TotalMilliseconds, (long)max.TotalMilliseconds,
            number => TimeSpan.FromMilliseconds(number), value => (long)value.TotalMilliseconds, NumberUnits.Milliseconds);
}
