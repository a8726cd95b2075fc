import { MockAgent, setGlobalDispatcher } from 'undici';

// Tests talk to this machine alone: a `fetch` to anywhere else fails at once, without a name being
// looked up.
const agent = new MockAgent();
agent.disableNetConnect();
agent.enableNetConnect(/^(127\.0\.0\.1|localhost)(:\d+)?$/);
setGlobalDispatcher(agent);
