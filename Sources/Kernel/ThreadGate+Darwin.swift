import CPlatform

/// A lock that threads can sleep at until somebody calls them: a mutex with its condition variable.
package final class ThreadGate: @unchecked Sendable {
    // Safe to share: both are made for being used by many threads, stay where they are for the gate's whole life, and
    // no other state is kept.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    package init() {
        mutex.initialize(to: pthread_mutex_t())
        condition.initialize(to: pthread_cond_t())
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    package func lock() { pthread_mutex_lock(mutex) }

    package func unlock() { pthread_mutex_unlock(mutex) }

    /// Sleeps until called; returns with the lock held again. To be called with the lock held, in a loop that looks
    /// at the condition: a sleeper may wake uncalled.
    package func wait() { pthread_cond_wait(condition, mutex) }

    /// Calls one sleeper.
    package func callOne() { pthread_cond_signal(condition) }

    /// Calls every sleeper.
    package func callAll() { pthread_cond_broadcast(condition) }
}
