import { type Difference, NOT_THERE } from '../difference.ts';

const documents = ['harbor-robots.swagger.yaml'];

export const ofHarbor: readonly Difference[] = [
  {
    documents,
    operations: ['GET /api/v2.0/projects/team-a', 'GET /api/v2.0/projects/other'],
    where: 'operation',
    what: [NOT_THERE],
    why: [
      'in the whole document; this one is the slice about robots. It returns the number that the',
      'list of robots needs',
    ].join(' '),
  },
  {
    documents,
    operations: ['CreateRobot'],
    where: 'response status',
    what: [`409 ${NOT_THERE}`],
    why: 'a taken name is a conflict in the database (harbor @c50c7ddd src/pkg/robot/dao)',
  },
  {
    documents,
    operations: ['ListRobot'],
    where: 'response status',
    what: [`401 ${NOT_THERE}`, `403 ${NOT_THERE}`],
    why: [
      'the handler first checks the login and the right, like those of the other calls (harbor',
      '@c50c7ddd src/server/v2.0/handler/robot.go)',
    ].join(' '),
  },
];
