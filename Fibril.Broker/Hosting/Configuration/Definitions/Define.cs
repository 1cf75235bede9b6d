namespace Fibril.Broker.Hosting.Configuration;

/// <summary>Short words for the lists of definitions.</summary>
internal static class Define
{
    public const int KiB = 1 << 10;
    public const int MiB = 1 << 20;
    public const int GiB = 1 << 30;

    public static TimeSpan OneMillisecond => TimeSpan.FromMilliseconds(1);

    public static TimeSpan TenthOfSecond => TimeSpan.FromMilliseconds(100);

    public static TimeSpan OneMinute => TimeSpan.FromMinutes(1);

    public static TimeSpan OneHour => TimeSpan.FromHours(1);

    public static ScalarSetting<T> Scalar<T>(
        string key, ValueKind<T> kind, string description, Func<BrokerOptions, T> get, Action<BrokerOptions, T> set,
        string? variable = null, string? flag = null) =>
        new(key, kind, description, get, set, variable, flag);
}
