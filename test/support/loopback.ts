import { MockAgent, setGlobalDispatcher } from 'undici';

// Tests stay on this machine: a `fetch` to any other host fails at once, without a DNS lookup.
const agent = new MockAgent();
agent.disableNetConnect();
agent.enableNetConnect(/^(127\.0\.0\.1|localhost)(:\d+)?$/);
setGlobalDispatcher(agent);
