using System.Globalization;

namespace Fibril.Tests.Support;

/// <summary>How hard the random tests try. FIBRIL_TEST_SCALE multiplies their iterations; 1 unless set.</summary>
internal static class TestScale
{
    private static readonly int Factor = ReadFactor();

    internal static int Iterations(int atScaleOne) => checked(atScaleOne * Factor);

    private static int ReadFactor()
    {
        string? text = Environment.GetEnvironmentVariable("FIBRIL_TEST_SCALE");
        if (string.IsNullOrEmpty(text)) return 1;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int factor) && factor >= 1
            ? factor
            : throw new InvalidOperationException($"FIBRIL_TEST_SCALE is '{text}'; use a whole number from 1 on.");
    }
}
