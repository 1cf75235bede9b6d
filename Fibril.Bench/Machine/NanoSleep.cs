using System.Runtime.InteropServices;

namespace Fibril.Bench.Machine;

/// <summary>Sleeps shorter than a millisecond, without spinning: on two cores a spinning load generator would slow the broker it measures.</summary>
internal static partial class NanoSleep
{
    public static void For(TimeSpan time)
    {
        if (!OperatingSystem.IsLinux())
        {
            Thread.Yield();
            return;
        }

        var request = new TimeSpec { Seconds = 0, Nanoseconds = (nint)Math.Max(1, time.TotalNanoseconds) };
        ClockNanoSleep(request, 0);
    }

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    private static partial int ClockNanoSleep(in TimeSpec request, nint remaining);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
